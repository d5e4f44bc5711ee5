// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Matching
import Problems
import Storage

extension Destinations {
    /// Changes a destination.
    ///
    /// - Parameters:
    ///   - number: Its number.
    ///   - isSilent: Whether it may get another key, or a template that names people by it as the old one did not,
    ///     although its receiver has members under other IDs, which it then keeps.
    ///   - body: Changes what can be changed: everything but its number.
    /// - Returns: The destination, and what follows from the change that somebody should know.
    /// - Throws: ``Problem`` as making one does, or of kind `people.destination-unknown`, `people.destination-in-use`
    ///   where its key or template can't change, or `people.restriction-forbids` where a label forbids what is sent already.
    package func update(
        _ number: Int,
        isSilent: Bool = false,
        _ body: (inout Destination) throws -> Void
    ) throws -> (destination: Destination, consequences: [String]) {
        try change { database in
            let old = try DestinationStore().find(number, in: database)
            var destination = old
            try body(&destination)
            try confirm(destination, in: database)
            if !destination.labels.isSubset(of: old.labels) {
                try Self.confirmAllowed(destination, on: service.today, in: database)
            }
            var consequences: [String] = []
            if destination.template != old.template || destination.keyDataSource != old.keyDataSource {
                consequences += try changeForm(destination, of: old, isSilent: isSilent, in: database)
            }
            if destination.account != old.account {
                consequences.append(
                    "Files go to \(destination.account) from now on, also those that waited for \(old.account); "
                        + "a file with all members takes `tallystick people destinations tell \(number)`."
                )
                try noteBegunFiles(of: old, in: database)
            }
            try DestinationStore().update(destination, at: service.world.milliseconds, in: database)
            return (destination, consequences)
        }
    }

    /// Notes in the receipt of files that wait which of them an account may have that gets no more.
    private func noteBegunFiles(of old: Destination, in database: Database) throws {
        guard let plan = try OutboundPlanStore().plan(of: old.number, in: database), plan.begun > 0 else {
            return
        }
        var receipt = try ReceiptStore().find("P\(plan.receipt)", in: database)
        let names = plan.files.prefix(plan.begun).map(\.name).joined(separator: ", ")
        let note = "sending was begun to the account \(receipt.account), which may have \(names)"
        receipt.notes = (receipt.notes ?? []) + [note]
        try ReceiptStore().save(receipt, in: database)
        for file in plan.files.prefix(plan.begun - 1) {
            try PublishedFiles(service).note(file.name, in: receipt.account, database)
        }
    }

    /// Ends the mapping of a segment: its members leave with the next file.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - number: The destination.
    ///   - isSilent: Whether the mapping is forgotten at once, so that the receiver keeps the members.
    /// - Throws: ``Problem`` of kind `people.destination-unknown`.
    package func unmap(_ segment: SID, from number: Int, isSilent: Bool = false) throws {
        try change { database in
            let mapping = try DestinationStore().mapping(of: segment, to: number, in: database)
            if isSilent || mapping.sentCount == 0 {
                try DestinationStore().unmap(segment, from: number, in: database)
            } else {
                try DestinationStore().map(mapping.ending(service.today + -1), in: database)
            }
        }
    }

    /// Deletes a destination; the receiver keeps what it has.
    ///
    /// - Parameters:
    ///   - number: Its number.
    ///   - isForced: Whether it goes although files wait for its account, which are not sent then.
    /// - Returns: The destination as it was, how many members its receiver keeps, and the receipt of files that were
    ///   not sent.
    /// - Throws: ``Problem`` of kind `people.destination-unknown` or `people.destination-in-use`.
    @discardableResult
    package func delete(_ number: Int, isForced: Bool = false) throws -> (
        destination: Destination, kept: Int, cancelled: String?
    ) {
        try change { database in
            let destination = try DestinationStore().find(number, in: database)
            let kept = try DestinationStore().sentCount(of: number, in: database)
            let plan = try OutboundPlanStore().plan(of: number, in: database)
            if let plan {
                guard isForced else {
                    throw Problem(
                        .destinationInUse,
                        """
                        Files of destination \(number) wait for the account \(destination.account) (receipt \
                        P\(plan.receipt)).
                        """,
                        advice:
                            "Have them sent by `tallystick people sync`, or delete with --force without sending them."
                    )
                }
            }
            try Self.remove(number, at: service.world.milliseconds, in: database)
            return (destination, kept, plan.map { "P\($0.receipt)" })
        }
    }

    /// Takes a destination away with the files that wait for its account.
    static func remove(_ number: Int, at time: Int64, in database: Database) throws {
        if let plan = try OutboundPlanStore().plan(of: number, in: database) {
            var receipt = try ReceiptStore().find("P\(plan.receipt)", in: database)
            receipt.state = .cancelled
            receipt.ended = time
            try ReceiptStore().save(receipt, in: database)
            // Its files in the spool go with the next pass of the sync.
            try OutboundPlanStore().delete(plan, in: database)
        }
        try DestinationStore().delete(number, in: database)
    }

    /// Why members of a segment can't leave to destinations that it is mapped to.
    static func obstacles(_ segment: Segment, in database: Database) throws -> [Problem] {
        let destinations = try Int.fetchAll(
            database,
            sql: "SELECT destination FROM mappings WHERE segment = ? ORDER BY destination",
            arguments: [segment.sid]
        )
        return try destinations.compactMap {
            try obstacle(segment, DestinationStore().find($0, in: database), in: database)
        }
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }
}

extension ProblemKind {
    package static let destinationInUse = ProblemKind(
        "people.destination-in-use",
        status: 409,
        meaning:
            "A destination can't be deleted or get another key while files wait, or while its receiver has members; nor a template by which these could not be taken back.",
        advice: "Run `tallystick people sync`, and look at `tallystick people destinations show`."
    )
}
