// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Problems
import ServiceLifecycle
import Storage
import Synchronization
import Transfer

/// The exchange as a service: each account is looked at in its own rhythm, and destinations are told as soon as a
/// segment changed.
package struct PeopleWatch: Service {
    private static let interval = Duration.milliseconds(500)
    /// How long after work that waits or failed it is looked at again even if nothing changed.
    private static let patience = Duration.seconds(3)
    /// How often what depends on the clock is looked at.
    private static let housekeeping = Duration.seconds(30)

    private let service: PeopleService
    private let sync: PeopleSync
    private let show: @Sendable (PeopleSyncReport) throws -> Void
    private let told = Told()

    /// Prepares to watch.
    ///
    /// - Parameters:
    ///   - service: The installation.
    ///   - sync: The passes; it holds the lock of the data directory.
    ///   - show: Is given the report of everything that did something.
    package init(
        _ service: PeopleService,
        _ sync: PeopleSync,
        show: @escaping @Sendable (PeopleSyncReport) throws -> Void
    ) {
        self.service = service
        self.sync = sync
        self.show = show
    }

    /// Runs until a graceful shutdown; an onboarding that has begun is finished, a transfer breaks off and goes on
    /// later.
    package func run() async throws {
        service.logger.notice("watching", metadata: ["data": "\(service.directory.path)"])
        try await sync.prepare()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watchDestinations() }
            var watched: [String: ExternalAccount] = [:]
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                for account in try sync.accounts() where watched[account.id] != account {
                    // An older watch of the account sees that its settings are no longer these, and ends.
                    watched[account.id] = account
                    tasks.addTask { try await watch(account) }
                }
                await rest(Self.interval)
            }
            try await tasks.waitForAll()
        }
        service.logger.notice("stopped watching")
    }

    /// Looks at one account until a graceful shutdown, or until the account has other settings.
    private func watch(_ account: ExternalAccount) async throws {
        var last: [RemoteFile]?
        var listing = SettledListing()
        var isUnsettled = false
        var patience = Self.patience
        var lastPass = ContinuousClock.now
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard try sync.accounts().contains(account) else { return }
            await finishing {
                let inbound = sync.inbound(account)
                let files: [RemoteFile]
                do {
                    files = try await inbound.files(since: &listing, isComplete: isUnsettled)
                } catch let error as TransferError {
                    last = nil
                    var report = PeopleSyncReport()
                    report.unreachable = [
                        PeopleSyncReport.Unreachable(account.id, error.problem(of: account.id))
                    ]
                    return try tell(report, of: account.id)
                }
                let isDue = isUnsettled && ContinuousClock.now - lastPass >= patience
                guard files != last || isDue else { return }
                let report = try await inbound.run(listing: files, isPatient: false)
                isUnsettled = report.hasFailures || !report.waiting.isEmpty
                patience = min(report.lookAgainAfter ?? Self.patience, Self.patience)
                try tell(report, of: account.id)
                lastPass = ContinuousClock.now
                last = files
            }
            let untilDue = isUnsettled ? patience - (ContinuousClock.now - lastPass) : account.pollInterval
            await rest(min(account.pollInterval, max(untilDue, .milliseconds(20))))
        }
    }

    /// Tells destinations whenever something in the database changed, until a graceful shutdown.
    private func watchDestinations() async throws {
        var last: Int?
        var isUnsettled = false
        var lastPass = ContinuousClock.now
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let change = try service.read { try Counter.change.value(in: $0) }
            let wait = isUnsettled ? Self.patience : Self.housekeeping
            if change != last || ContinuousClock.now - lastPass > wait {
                await finishing {
                    try await sync.prepare()
                    let report = try await sync.tellDestinations()
                    isUnsettled =
                        report.hasFailures || report.receipts.contains { $0.state == .waiting }
                    try tell(report, of: "")
                }
                lastPass = ContinuousClock.now
                last = change
            }
            await rest(Self.interval)
        }
    }

    /// Does work whose problems are logged, and tried again later.
    private func finishing(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch let problem as Problem {
            service.logger.error("pass failed", metadata: ["problem": "\(problem.kind.code)"])
            await rest(Self.patience)
        } catch is CancellationError {
            return
        } catch {
            service.logger.error("pass failed", metadata: ["error": "\(type(of: error))"])
            await rest(Self.patience)
        }
    }

    /// Shows a report once; what only waits is not told again and again.
    private func tell(_ report: PeopleSyncReport, of part: String) throws {
        let standing = Set(
            (report.waiting + report.recognised + report.ignored).map { "\($0.file)\($0.reason)" }
        )
        .union(report.unreachable.map { "\($0.account)\($0.summary)" })
        .union(report.receipts.filter(\.stands).map(\.id))
        if told.isNew(standing, of: part) || report.receipts.contains(where: { !$0.stands }) {
            try show(report)
        }
    }

    /// What was told of each part and has not changed since; runs that wait or failed are tried again under their number.
    private final class Told: Sendable {
        private let standing = Mutex<[String: Set<String>]>([:])

        /// Whether something is among these that was not told last time.
        func isNew(_ current: Set<String>, of part: String) -> Bool {
            standing.withLock { standing in
                defer { standing[part] = current }
                return !current.isSubset(of: standing[part] ?? [])
            }
        }
    }

    private func rest(_ time: Duration) async {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: time) }
    }
}
