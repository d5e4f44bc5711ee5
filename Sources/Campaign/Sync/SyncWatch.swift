// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Logging
import Problems
import ServiceLifecycle
import Storage
import Synchronization
import Transfer

/// The exchange as a service: each account is looked at in its own rhythm, so that none waits for another.
///
/// A folder is looked at twice a second, servers as often as their accounts say. It is listed only where something may
/// have changed, and nothing more is done where the list is the one of last time. What goes out is looked at when something in the database changed.
package struct SyncWatch: Service {
    private static let interval = Duration.milliseconds(500)
    /// How long after work that waits or failed it is looked at again even if nothing changed.
    private static let patience = Duration.seconds(3)
    /// How often what expires is looked at.
    private static let housekeeping = Duration.seconds(60)

    private let campaign: Campaign
    private let sync: SyncRun
    private let show: @Sendable (SyncReport) throws -> Void
    private let told = Told()

    /// Prepares to watch.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - sync: The passes; it holds the lock of the data directory.
    ///   - show: Is given the report of everything that did something.
    package init(_ campaign: Campaign, _ sync: SyncRun, show: @escaping @Sendable (SyncReport) throws -> Void)
    {
        self.campaign = campaign
        self.sync = sync
        self.show = show
    }

    /// Runs until a graceful shutdown; an import that has begun is finished, a transfer breaks off and goes on later.
    package func run() async throws {
        campaign.logger.notice("watching", metadata: ["data": "\(campaign.directory.path)"])
        try await sync.prepare()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watchDatabase() }
            var watched: [String: ExternalAccount] = [:]
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                for account in try ImportDiscovery(campaign).accounts() where watched[account.id] != account {
                    // An older watch of the account sees that its settings are no longer these, and ends.
                    watched[account.id] = account
                    tasks.addTask { try await watch(account) }
                }
                await rest(Self.interval)
            }
            try await tasks.waitForAll()
        }
        campaign.logger.notice("stopped watching")
    }

    /// Looks at one account until a graceful shutdown, or until the account has other settings.
    private func watch(_ account: ExternalAccount) async throws {
        let discovery = ImportDiscovery(campaign)
        let imports = sync.imports(from: account)
        var last: Look?
        var listing = SettledListing()
        var isUnsettled = false
        var lastPass = ContinuousClock.now
        var lastList = ContinuousClock.now - account.pollInterval
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let numbers = try numbers()
            let hasChanged = last?.numbers != numbers
            let now = ContinuousClock.now
            guard now - lastList >= account.pollInterval || hasChanged else {
                await rest(min(Self.interval, account.pollInterval - (now - lastList)))
                continue
            }
            guard try campaign.read({ try ExternalAccountStore().find(account.id, in: $0) }) == account
            else { return }
            await finishing {
                defer { lastList = ContinuousClock.now }
                let look: Look
                do {
                    look = Look(
                        files: try await discovery.listing(
                            of: account,
                            since: &listing,
                            isComplete: isUnsettled
                        ),
                        numbers: numbers
                    )
                } catch let error as TransferError {
                    last = nil
                    return try tell(imports.unreachable(error), of: account.id)
                }
                let isDue = isUnsettled && ContinuousClock.now - lastPass > Self.patience
                guard look != last || isDue else { return }
                var isPatient = false
                if case .sftp = account.settings { isPatient = true }
                let report = try await imports.run(listing: look.files, isPatient: isPatient)
                isUnsettled = report.hasFailures || !report.waiting.isEmpty
                try tell(report, of: account.id)
                lastPass = ContinuousClock.now
                last = look
            }
        }
    }

    /// Shares what is due whenever something in the database changed, until a graceful shutdown.
    private func watchDatabase() async throws {
        var last: [Int]?
        var isUnsettled = false
        var lastPass = ContinuousClock.now
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let numbers = try numbers()
            let wait = isUnsettled ? Self.patience : Self.housekeeping
            if numbers != last || ContinuousClock.now - lastPass > wait {
                await finishing {
                    try await sync.prepare()
                    let report = try await sync.shareDue()
                    isUnsettled = report.hasFailures
                    try tell(report, of: "")
                }
                lastPass = ContinuousClock.now
                last = try self.numbers()
            }
            await rest(Self.interval)
        }
    }

    /// Does work whose problems are logged, and tried again later.
    private func finishing(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch let problem as Problem {
            campaign.logger.error("pass failed", metadata: ["problem": "\(problem.kind.code)"])
            await rest(Self.patience)
        } catch is CancellationError {
            return
        } catch {
            campaign.logger.error("pass failed", metadata: ["error": "\(type(of: error))"])
            await rest(Self.patience)
        }
    }

    /// Shows a report once; what only waits is not told again and again.
    private func tell(_ report: SyncReport, of account: String) throws {
        let standing = Set((report.waiting + report.recognised).map { "\($0.file)\($0.reason)" })
            .union(report.ignored.map { "\($0.file)\($0.reason)" })
            .union(report.unreadable.map { "\($0.account)\($0.file)\($0.summary)" })
            .union(report.unreachable.map { "\($0.account)\($0.summary)" })
        if told.isNew(standing, of: account) || !report.receipts.isEmpty { try show(report) }
    }

    private func rest(_ time: Duration) async {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: time)
        }
    }

    /// What was told of each account and has not changed since.
    private final class Told: Sendable {
        private let standing = Mutex<[String: Set<String>]>([:])

        /// Whether something is among these that was not told last time.
        func isNew(_ current: Set<String>, of account: String) -> Bool {
            standing.withLock { standing in
                let isNew = !current.isSubset(of: standing[account] ?? [])
                standing[account] = current
                return isNew
            }
        }
    }

    /// All that a look at an account depends on.
    private struct Look: Equatable {
        let files: [RemoteFile]
        let numbers: [Int]
    }

    /// Numbers that differ after any change that may make files due.
    private func numbers() throws -> [Int] {
        try campaign.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT (SELECT value FROM counters WHERE name = 'change'),
                        (SELECT coalesce(sum(version) + 1000003 * count(*), 0) FROM audiences),
                        (SELECT count(*) + 1000003 * count(terms_accepted) FROM shared_data_sources),
                        (SELECT coalesce(sum(id), 0) FROM shares)
                    """
            )
            .flatMap { row in (0..<4).map { row[$0] as Int } }
        }
    }
}
