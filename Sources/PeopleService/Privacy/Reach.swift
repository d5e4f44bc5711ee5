// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// Which IDs a request reaches beside the one that it names (docs/decisions/0011-reach-of-requests.md).
struct Reach {
    private let declared: MemberSet
    private let database: Database

    /// Prepares to follow links.
    ///
    /// - Parameter database: The database.
    /// - Throws: What the database answers.
    init(in database: Database) throws {
        self.database = database
        let sources = try DataSourceStore().list(limit: 100_000, in: database)
            .filter { !$0.idType.isOfDevices && $0.namespace == $0.number }
        declared = MemberSet.union(
            of: try sources.map { try IDStore().members(of: .dataSource($0.number), in: database) }
        )
    }

    /// What opt-outs reach: the people whom the IDs stand for and all their devices.
    ///
    /// From a declared ID that is the ID and its devices. From a device it is everybody who was ever signed in there,
    /// since nobody can tell who of them asks: a doubt counts for the opt-out.
    func ofOptOuts(_ asked: MemberSet) throws -> MemberSet {
        let links = LinkStore()
        let people = asked.intersection(declared)
            .union(try links.partners(of: asked.subtracting(declared), in: database))
        return asked.union(people).union(try links.partners(of: people, in: database))
    }

    /// What a request for access or deletion reaches: a declared ID and its devices, or one device.
    ///
    /// Who was signed in on a device may be somebody else: a doubt counts against telling and deleting.
    func ofRequest(_ asked: MemberSet) throws -> MemberSet {
        asked.union(try LinkStore().partners(of: asked.intersection(declared), in: database))
    }

    /// The IDs among some from which an opt-out could reach any of others: those that are at most two links away.
    func neighbours(of members: MemberSet, among asked: MemberSet) throws -> MemberSet {
        let first = members.union(try LinkStore().partners(of: members, in: database))
        return first.union(try LinkStore().partners(of: first, in: database)).intersection(asked)
    }
}
