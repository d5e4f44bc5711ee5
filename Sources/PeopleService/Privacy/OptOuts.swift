// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Storage

/// Who must not be used any more, because the person said so.
///
/// What is known of them stays and counts for nobody; nothing new is taken. An opt-out is one transaction.
package struct OptOuts {
    /// The code and the words with which calls about somebody who opted out are answered (Audience Manager).
    package static let errorCode = 171
    package static let errorText = "Encountered opt out tag"

    /// What an opt-out or its way back came to.
    package struct Outcome: Sendable, Equatable {
        /// How many IDs the request reaches, the one that it names included.
        package var reached = 0
        /// How many of them were taken out, or brought back, by this request.
        package var changed = 0
        /// How many stay out, since another opt-out reaches them.
        package var kept = 0
        /// Whether nobody had met the ID before.
        package var isNew = false
        /// What changed in segments.
        package var segments: [Receipt.Segment] = []
    }

    private let service: PeopleService

    /// Opt-outs of an installation.
    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Takes an ID out, and all that it reaches.
    ///
    /// - Parameter id: `NUMBER:ID` or `CODE:ID`; one that nobody has met is remembered.
    /// - Returns: What changed; doing it again changes nothing.
    /// - Throws: ``Problem`` of kind `people.id-refused` or `people.data-source-unknown`.
    package func optOut(_ id: String) throws -> Outcome {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let directory = try IDDirectory(service)
        let id = try service.read { try SourcedID(id, in: $0) }
        let known = try directory.number(of: id.text, id.source.namespace)
        let newIDs = try service.read { NewIDs(first: try IDStore().count(in: $0)) }
        let number = try known ?? number(of: id, newIDs, directory)
        var outcome = Outcome()
        try service.write { database in
            try newIDs.store(in: database)
            let asked = MemberSet([number])
            try IDStore().change(.optOutAsked, in: database) { $0.union(asked) }
            let reached = try Reach(in: database).ofOptOuts(asked)
            let added = reached.subtracting(try IDStore().members(of: .optedOut, in: database))
            try IDStore().change(.optedOut, in: database) { $0.union(added) }
            if known == nil { try ActivityStore().note(asked, on: service.today, in: database) }
            outcome = Outcome(reached: reached.count, changed: added.count, isNew: known == nil)
            outcome.segments = try leave(added, in: database)
            try PrivacyRequestStore().add(
                .optOut,
                id.source,
                reached: reached,
                at: service.world.milliseconds,
                in: database
            )
        }
        try newIDs.add(to: directory)
        try OutboundWithdrawal(service).runUnlessBusy()
        return outcome
    }

    /// Brings an ID back, and all that it reaches, unless another opt-out reaches them too.
    ///
    /// - Parameter id: `NUMBER:ID` or `CODE:ID`.
    /// - Returns: What changed; nothing for an ID that is not out.
    /// - Throws: ``Problem`` of kind `people.id-refused`, `people.data-source-unknown` or `people.deletion-waiting`.
    package func undo(_ id: String) throws -> Outcome {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let directory = try IDDirectory(service)
        let id = try service.read { try SourcedID(id, in: $0) }
        let number = try directory.number(of: id.text, id.source.namespace)
        var outcome = Outcome()
        try service.write { database in
            outcome = try number.map { try bringBack($0, in: database) } ?? outcome
            try PrivacyRequestStore().add(
                .optIn,
                id.source,
                reached: number.map { MemberSet([$0]) } ?? .empty,
                at: service.world.milliseconds,
                in: database
            )
        }
        try directory.finishForgetting(service)
        return outcome
    }

    /// Whether an ID is out; calls about it are answered with ``errorCode``.
    ///
    /// Waits for others only when the index is not up to date, as after a crash.
    ///
    /// - Parameters:
    ///   - number: The data source's number.
    ///   - id: The ID.
    /// - Returns: Whether it is; false for one that nobody has met.
    /// - Throws: ``Problem`` of kind `people.data-source-unknown`.
    package func isOptedOut(_ number: DataSourceNumber, _ id: String) throws -> Bool {
        if let directory = try IDDirectory.forReading(service) {
            return try isOptedOut(number, id, directory)
        }
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try isOptedOut(number, id, IDDirectory(service))
    }

    /// The same for a caller that has the index open already.
    func isOptedOut(_ number: DataSourceNumber, _ id: String, _ directory: IDDirectory) throws -> Bool {
        try service.read { database in
            let source = try DataSourceStore().find(number, in: database)
            guard let number = try directory.number(of: id, source.namespace) else { return false }
            return try IDStore().members(of: .optedOut, in: database).contains(number)
        }
    }

    /// The problem with which a call about somebody who opted out ends.
    package static var refusal: Problem {
        Problem(.optedOut, "\(errorText) (\(errorCode)).")
    }

    private func number(of id: SourcedID, _ newIDs: NewIDs, _ directory: IDDirectory) throws -> IDNumber {
        let key = try directory.keys(of: id.source.namespace).key(of: Array(id.text.utf8))
        return Array(id.text.utf8).withUnsafeBytes { newIDs.number(of: key, $0, id.source.namespace) }
    }

    private func bringBack(_ number: IDNumber, in database: Database) throws -> Outcome {
        guard try !IDStore().members(of: .deleted, in: database).contains(number) else {
            throw Problem(.deletionWaiting, "What is known of the ID is being deleted.")
        }
        let store = IDStore()
        try store.change(.optOutAsked, in: database) { $0.subtracting(MemberSet([number])) }
        let reach = try Reach(in: database)
        let reached = try reach.ofOptOuts(MemberSet([number]))
        let out = reached.intersection(try store.members(of: .optedOut, in: database))
        let others = try reach.neighbours(of: out, among: store.members(of: .optOutAsked, in: database))
        let back = out.subtracting(try reach.ofOptOuts(others))
        try store.change(.optedOut, in: database) { $0.subtracting(back) }
        try ForgottenIDStore().unsuppress(back, in: database)
        let isKnown = try !ForgottenIDStore().contains(number, in: database)
        if isKnown { try ActivityStore().note(back, on: service.today, in: database) }
        let segments = try SegmentEvaluation(in: database, at: service.world.milliseconds)
            .update(SegmentEvaluation.Scope(touched: back, traits: nil))
        return Outcome(
            reached: reached.count,
            changed: back.count,
            kept: out.count - back.count,
            segments: segments
        )
    }

    private func leave(_ members: MemberSet, in database: Database) throws -> [Receipt.Segment] {
        let time = service.world.milliseconds
        let paused = try SegmentStore().removeFromPaused(members, at: time, in: database)
        let active = try SegmentEvaluation(in: database, at: time)
            .update(SegmentEvaluation.Scope(touched: members, traits: nil))
        return (paused + active).sorted { $0.segment < $1.segment }
    }
}

extension ProblemKind {
    package static let optedOut = ProblemKind(
        "people.opted-out",
        status: 403,
        meaning: "A call is about somebody who opted out.",
        advice:
            "Leave the person out; `tallystick people opt-out … --undo` brings back who wants to come back."
    )
    package static let deletionWaiting = ProblemKind(
        "people.deletion-waiting",
        status: 409,
        meaning: "An ID is about to be deleted, and its destinations have not all been told.",
        advice:
            "Run `tallystick people sync`; once every destination was told, the ID can come back as a new one."
    )
}
