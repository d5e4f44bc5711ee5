// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// Takes files back that wait for their account when they hold somebody, or a segment, that must not be sent any more.
///
/// The next run writes others. What may have arrived of them is remembered until then, so that whoever must go is taken
/// away from the receiver, too (docs/decisions/0012-forgetting.md).
struct OutboundWithdrawal {
    private let service: PeopleService

    init(_ service: PeopleService) {
        self.service = service
    }

    /// Takes back what must not be sent; the caller holds the locks for changes and of the exchange.
    func run() throws {
        let stale = try service.read { database in
            try OutboundPlanStore().all(in: database)
                .filter { try isStale($0, in: database) }
        }
        for plan in stale { try take(back: plan) }
    }

    /// The same, unless an exchange is at work: that one does it itself before it publishes anything.
    func runUnlessBusy() throws {
        do {
            let lock = try DirectoryLock(service.directory, .peopleSync)
            defer { withExtendedLifetime(lock) {} }
            try run()
        } catch let problem as Problem where problem.kind == .dataBusy {
            return
        }
    }

    /// Whether the files of a plan hold somebody who must not be sent any more.
    func isStale(_ plan: OutboundPlan, in database: Database) throws -> Bool {
        let gone = try IDStore().gone(in: database)
        let destination = try DestinationStore().find(plan.destination, in: database)
        // A template of one's own may name other IDs of the people in the lines, which no set of the plan tells.
        if destination.template != nil,
            let left = try PrivacyRequestStore().lastDeparture(in: database), left > plan.made
        {
            return true
        }
        return try OutboundPlanStore().sets(of: plan, in: database).contains { sid, members in
            guard members.intersectionCount(gone) == 0 else { return true }
            return try isForbidden(members, of: sid, plan, destination, in: database)
        }
    }

    /// Whether a restriction that came later forbids what a plan says of a segment.
    private func isForbidden(
        _ members: MemberSet,
        of sid: SID,
        _ plan: OutboundPlan,
        _ destination: Destination,
        in database: Database
    ) throws -> Bool {
        guard !destination.labels.isEmpty, try SegmentStore().isThere(sid, in: database) else { return false }
        let segment = try SegmentStore().find(sid, in: database)
        guard try Destinations.restriction(segment, destination, in: database) != nil else { return false }
        let sent = try DestinationStore().sent(sid, to: destination.number, in: database)
        return plan.mode == .full ? !members.isEmpty : !members.isSubset(of: sent)
    }

    /// Takes the files of a plan back, in a turn.
    func take(back plan: OutboundPlan) throws {
        try service.write { database in
            var receipt = try ReceiptStore().find("P\(plan.receipt)", in: database)
            receipt.state = .waiting
            receipt.failure = Receipt.Failure(
                Problem(
                    .filesWithdrawn,
                    "The files for destination \(plan.destination) held somebody or something that must not be sent any more."
                )
            )
            try ReceiptStore().save(receipt, in: database)
            if plan.begun > 0 { try DestinationStore().noteDoubt(about: plan, in: database) }
            try OutboundPlanStore().delete(plan, in: database)
        }
        try? FileManager.default.removeItem(atPath: OutboundSpool(service, plan.receipt).path)
    }
}

extension ProblemKind {
    package static let filesWithdrawn = ProblemKind(
        "people.files-withdrawn",
        status: 409,
        meaning:
            "Files that waited for their account were taken back, since somebody in them opted out or was deleted, or a restriction forbids them.",
        advice: "Nothing to do: the next `tallystick people sync` writes others instead."
    )
}
