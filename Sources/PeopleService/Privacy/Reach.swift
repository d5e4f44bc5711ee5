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

    /// What opt-outs reach: the people whom the IDs stand for and all their devices, each under all its IDs.
    ///
    /// From a declared ID that is the ID and its devices. From a device it is everybody who was ever signed in there,
    /// since nobody can tell who of them asks: a doubt counts for the opt-out.
    func ofOptOuts(_ asked: MemberSet) throws -> MemberSet {
        let devices = try sameDevices(asked.subtracting(declared))
        let people = asked.intersection(declared).union(try people(of: devices))
        return asked.union(devices).union(people).union(try sameDevices(try self.devices(of: people)))
    }

    /// What a request for access or deletion reaches: a declared ID and its devices, or one device, under all its IDs.
    ///
    /// Who was signed in on a device may be somebody else: a doubt counts against telling and deleting.
    func ofRequest(_ asked: MemberSet) throws -> MemberSet {
        let devices = asked.subtracting(declared).union(try devices(of: asked.intersection(declared)))
        return asked.union(try sameDevices(devices))
    }

    /// The IDs among some from which an opt-out could reach any of others.
    ///
    /// From the ID that asks that is at most its device's other IDs, the people there, their devices and these devices'
    /// other IDs.
    func neighbours(of members: MemberSet, among asked: MemberSet) throws -> MemberSet {
        let devices = try sameDevices(members.subtracting(declared))
        let people = members.intersection(declared).union(try people(of: devices))
        return members.union(people).union(try sameDevices(devices.union(try self.devices(of: people))))
            .intersection(asked)
    }

    /// Devices and the other IDs of each: those that are linked with it, or with the same other ID.
    private func sameDevices(_ devices: MemberSet) throws -> MemberSet {
        var all = devices
        for _ in 0..<2 {
            all = all.union(try LinkStore().partners(of: all, in: database).subtracting(declared))
        }
        return all
    }

    /// Everybody who was ever signed in on some devices.
    private func people(of devices: MemberSet) throws -> MemberSet {
        try LinkStore().partners(of: devices, in: database).intersection(declared)
    }

    private func devices(of people: MemberSet) throws -> MemberSet {
        try LinkStore().partners(of: people, in: database).subtracting(declared)
    }
}
