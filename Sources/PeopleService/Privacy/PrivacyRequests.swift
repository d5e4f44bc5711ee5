// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Storage

/// What a person may ask for: to see what is known, and that it goes.
package struct PrivacyRequests {
    /// Says which destinations hold which of some IDs, by name.
    package typealias Holders = (MemberSet, Database) throws -> [IDNumber: [String]]

    private let service: PeopleService
    private let holders: Holders

    /// Requests to an installation.
    ///
    /// - Parameters:
    ///   - service: The installation.
    ///   - holders: Says which destinations hold which IDs.
    package init(_ service: PeopleService, holders: @escaping Holders = { _, _ in [:] }) {
        self.service = service
        self.holders = holders
    }

    /// Everything that is known of an ID and, for a declared ID, of its devices.
    ///
    /// - Parameter id: `NUMBER:ID` or `CODE:ID`.
    /// - Returns: What is known; nothing when nobody has the ID.
    /// - Throws: ``Problem`` of kind `people.id-refused` or `people.data-source-unknown`.
    package func access(_ id: String) throws -> AccessReport {
        try withID(id) { id, number in
            try service.write { database in
                let report = try number.map { try self.report(of: $0, in: database) }
                let reached = try number.map { try Reach(in: database).ofRequest(MemberSet([$0])) }
                try PrivacyRequestStore().add(
                    .access,
                    id.source,
                    reached: reached ?? .empty,
                    at: service.world.milliseconds,
                    in: database
                )
                return report ?? AccessReport(ids: [])
            }
        }
    }

    /// What deleting an ID would take away, without doing it or noting that anybody asked.
    ///
    /// - Parameter id: `NUMBER:ID` or `CODE:ID`.
    /// - Returns: The counts.
    /// - Throws: As ``delete(_:)``.
    package func preview(_ id: String) throws -> DeletionReport {
        try withID(id) { _, number in
            try service.read { database in
                guard let number else { return DeletionReport(isPreview: true) }
                return DeletionReport(try report(of: number, in: database), isPreview: true)
            }
        }
    }

    /// Deletes what is known of an ID and, for a declared ID, of its devices; they are opted out from now on.
    ///
    /// Traits, segments and links go at once, in one transaction; texts once every destination was told.
    ///
    /// - Parameter id: `NUMBER:ID` or `CODE:ID`.
    /// - Returns: What went; nothing when nobody has the ID.
    /// - Throws: ``Problem`` of kind `people.id-refused` or `people.data-source-unknown`.
    package func delete(_ id: String) throws -> DeletionReport {
        try withID(id) { id, number in
            let report = try service.write { database in
                var report = DeletionReport()
                var reached = MemberSet.empty
                var waiting = MemberSet.empty
                if let number {
                    report = DeletionReport(try self.report(of: number, in: database))
                    reached = try Reach(in: database).ofRequest(MemberSet([number]))
                    try delete(reached, in: database)
                    waiting = reached
                }
                try PrivacyRequestStore().add(
                    .delete,
                    id.source,
                    reached: reached,
                    waiting: waiting,
                    at: service.world.milliseconds,
                    in: database
                )
                return report
            }
            try OutboundWithdrawal(service).runUnlessBusy()
            return report
        }
    }

    private func delete(_ members: MemberSet, in database: Database) throws {
        let time = service.world.milliseconds
        _ = try RealizationStore().remove(members, in: database)
        let touched = try LinkStore().remove(of: members, in: database).union(members)
        for set in [IDSet.optedOut, .optOutAsked, .deleted] {
            try IDStore().change(set, in: database) { $0.union(members) }
        }
        try ActivityStore().remove(members, in: database)
        _ = try SegmentStore().removeFromPaused(members, at: time, in: database)
        _ = try SegmentEvaluation(in: database, at: time)
            .update(SegmentEvaluation.Scope(touched: touched, traits: nil))
        // Destinations have to be told, and texts to be wiped, even where no segment changed.
        try Counter.change.next(in: database)
    }

    /// Finds an ID by what a person wrote; one whose text was wiped is nobody's.
    private func withID<Value>(
        _ id: String,
        _ work: (SourcedID, IDNumber?) throws -> Value
    ) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let directory = try IDDirectory(service)
        let id = try service.read { try SourcedID(id, in: $0) }
        let number = try directory.number(of: id.text, id.source.namespace)
        let isForgotten = try number.map { number in
            try service.read { try ForgottenIDStore().contains(number, in: $0) }
        }
        return try work(id, isForgotten == true ? nil : number)
    }

    private func report(of number: IDNumber, in database: Database) throws -> AccessReport {
        let asked = MemberSet([number])
        let reached = try Reach(in: database).ofRequest(asked)
        let facts = try KnownFacts(of: reached, asked: asked, holders: holders, in: database)
        return AccessReport(ids: try facts.ids(in: database))
    }
}
