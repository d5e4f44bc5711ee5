// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Transfer

/// The exchange of the People service: complete files come in, and destinations are told what changed.
///
/// Starts by finishing or undoing what an interrupted pass left, so killing it at any point loses nothing. Accounts and
/// destinations are worked on side by side: a stuck one never delays another.
package struct PeopleSync: Sendable {
    let service: PeopleService
    let turns: ChangeTurns
    private let copies: InboundCopies
    private let settling: Settling
    private let pause: Duration
    private let lock: DirectoryLock

    /// Begins to sync.
    ///
    /// - Parameters:
    ///   - service: The installation.
    ///   - settling: When files that come in count as complete.
    ///   - pause: How long to wait before work on an account is tried again for the first time.
    /// - Throws: ``Problem`` of kind `data.busy` when another sync is at work on the data directory.
    package init(
        _ service: PeopleService,
        _ settling: Settling = Settling(),
        pause: Duration = .seconds(1)
    ) throws {
        self.service = service
        self.settling = settling
        self.pause = pause
        lock = try DirectoryLock(service.directory, .peopleSync)
        turns = ChangeTurns(service.directory)
        copies = InboundCopies(service.directory)
    }

    /// Does one pass over all accounts and destinations.
    ///
    /// - Parameter isPatient: Whether to wait until files that may still be written are quiet, for a while.
    /// - Returns: The receipts of all runs, and what waits.
    /// - Throws: ``Problem`` of kind `data.busy` when another process changes the data directory, `CancellationError`,
    ///   or what the database answers; what goes wrong in one run is in its receipt instead.
    package func pass(isPatient: Bool = true) async throws -> PeopleSyncReport {
        try await prepare()
        var report = try await withThrowingTaskGroup(of: PeopleSyncReport.self) { tasks in
            for account in try accounts() {
                tasks.addTask { try await inbound(account).run(isPatient: isPatient) }
            }
            return try await tasks.reduce(into: PeopleSyncReport()) { $0.merge($1) }
        }
        report.merge(try await tellDestinations())
        return report
    }

    /// Finishes or undoes what an interrupted pass left, and does what a new day asks for.
    func prepare() async throws {
        try await turns.take { try prepareInTurn() }
    }

    /// Writes and publishes what is due, with all destinations side by side.
    func tellDestinations() async throws -> PeopleSyncReport {
        let due = try service.read { database in
            try DestinationStore().list(limit: Destination.limit, in: database).compactMap { destination in
                try OutboundOccasion(of: destination, at: service.world.milliseconds, in: database)
                    .map { (destination, $0) }
            }
        }
        var report = try await withThrowingTaskGroup(of: PeopleSyncReport.self) { tasks in
            for (destination, occasion) in due {
                tasks.addTask {
                    try await OutboundRun(destination, service, turns, pause: pause).run(occasion)
                }
            }
            return try await tasks.reduce(into: PeopleSyncReport()) { $0.merge($1) }
        }
        // Where something was written just now, the server answers; an account that may only write shows nothing.
        let told = Set(report.receipts.filter { $0.state != .failed && $0.state != .waiting }.map(\.account))
        for account in try accounts() {
            await deleteOldFiles(in: account)
            if told.contains(account.id) {
                _ = try? await service.transport(to: account).removeLeftovers()
            }
        }
        try await turns.take { try forget() }
        report.waiting += try overdueDeletions()
        return report
    }

    /// Deletions that have waited for too long, and why.
    private func overdueDeletions() throws -> [PeopleSyncReport.Waiting] {
        try service.read { try OverdueDeletions(at: service.world.milliseconds, in: $0) }.entries.map {
            entry in
            PeopleSyncReport.Waiting(
                file: "privacy request \(entry.request.number)",
                reason:
                    "the deletion has waited for more than \(PrivacyRequest.targetDays) days: "
                    + entry.reasons.joined(separator: "; ")
            )
        }
    }

    /// Deletes old files of ours; what fails is tried by the next pass.
    private func deleteOldFiles(in account: ExternalAccount) async {
        do {
            try await PublishedFiles(service).deleteOld(in: account)
        } catch {
            service.logger.warning("old files could not be deleted", metadata: ["account": "\(account.id)"])
        }
    }

    /// Writes a full file for one destination, whether anything changed or not.
    ///
    /// - Parameter number: The destination.
    /// - Returns: The receipts.
    /// - Throws: ``Problem`` as ``Destinations/ask(_:)``, which says why nothing would be written, or what the database
    ///   answers.
    package func tell(_ number: Int) async throws -> PeopleSyncReport {
        try await prepare()
        let destination = try service.read { database in
            try Destinations(service).confirmSpeaks(number, in: database)
            return try DestinationStore().find(number, in: database)
        }
        return try await OutboundRun(destination, service, turns, pause: pause).run(.asked)
    }

    /// The accounts that can be used, by ID.
    func accounts() throws -> [ExternalAccount] {
        try service.read { try ExternalAccountStore().all(in: $0) }
            .filter { $0.settings != .unconfigured && $0.isEnabled }
    }

    /// What comes in from one account.
    func inbound(_ account: ExternalAccount) -> InboundSync {
        InboundSync(
            service: service,
            account: account,
            turns: turns,
            copies: copies,
            settling: settling,
            pause: pause
        )
    }

    private func prepareInTurn() throws {
        try service.write { database in
            let open = try OutboundPlanStore().receipts(in: database)
            try ReceiptStore().forgetInterrupted(keeping: open, in: database)
            try Ledger(at: service.world.milliseconds).resetInterrupted(in: database)
            try DestinationStore().dropEnded(on: service.today, in: database)
        }
        try removeLeftovers()
        _ = try Retention(service).runIfDue()
        try OutboundWithdrawal(service).run()
    }

    /// Wipes the texts of deleted and inactive IDs, once every destination was told.
    private func forget() throws {
        let (waiting, owed) = try service.read { database in
            (
                try Forgetting.waiting(in: database),
                try DestinationStore().stillSent(in: database)
                    .union(DestinationStore().doubtful(in: database))
            )
        }
        guard !waiting.subtracting(owed).isEmpty else { return }
        copies.removeUnneeded()
        try Forgetting(IDDirectory(service), service).forgetDelivered(stillOwed: owed.intersection(waiting))
    }

    /// Removes files in the spool that no run asks for any more, and rejected lines of a run that was killed.
    private func removeLeftovers() throws {
        let rejected = service.directory.rejected
        for name in (try? FileManager.default.contentsOfDirectory(atPath: rejected)) ?? []
        where name.hasPrefix(".P") && name.hasSuffix(".part") {
            try? FileManager.default.removeItem(atPath: "\(rejected)/\(name)")
        }
        let open = try service.read { try OutboundPlanStore().receipts(in: $0) }
        let spool = service.directory.spool
        let limit = service.world.now().addingTimeInterval(-Spool.copyLifetime)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: spool)) ?? [] {
            let path = "\(spool)/\(name)"
            if name.hasPrefix(OutboundSpool.prefix) {
                let number = Int(name.dropFirst(OutboundSpool.prefix.count))
                if number.map(open.contains) != true { try? FileManager.default.removeItem(atPath: path) }
            } else if name.hasSuffix(Spool.ending) {
                let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
                if let date, date < limit { try? FileManager.default.removeItem(atPath: path) }
            }
        }
    }
}
