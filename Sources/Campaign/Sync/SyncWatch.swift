// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Problems
import ServiceLifecycle
import Storage
import Transfer

/// The exchange as a service: looks twice a second whether anything changed and does a pass when it did.
package struct SyncWatch: Service {
    private static let interval = Duration.milliseconds(500)
    /// How long after a pass with waiting or failed files another one is due even if nothing changed.
    private static let patience = Duration.seconds(3)

    private let campaign: Campaign
    private let sync: SyncRun
    private let show: @Sendable (SyncReport) throws -> Void

    /// Prepares to watch.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - sync: The passes; it holds the lock of the data directory.
    ///   - show: Is given the report of every pass that did something.
    package init(_ campaign: Campaign, _ sync: SyncRun, show: @escaping @Sendable (SyncReport) throws -> Void)
    {
        self.campaign = campaign
        self.sync = sync
        self.show = show
    }

    /// Runs until a graceful shutdown; a pass that has begun is finished.
    package func run() async throws {
        var hesitation = SyncHesitation()
        var last: Surroundings?
        var isUnsettled = false
        var lastPass = ContinuousClock.now
        var told = Set<String>()
        campaign.logger.notice("watching", metadata: ["data": "\(campaign.directory.path)"])
        while !Task.isShuttingDownGracefully {
            let now = try await surroundings()
            if now != last || (isUnsettled && ContinuousClock.now - lastPass > Self.patience) {
                do {
                    let report = try await sync.pass(isPatient: false, hesitation: &hesitation)
                    isUnsettled = report.hasFailures || !report.waiting.isEmpty
                    try tell(report, told: &told)
                } catch let problem as Problem {
                    isUnsettled = true
                    campaign.logger.error("pass failed", metadata: ["problem": "\(problem.kind.code)"])
                }
                lastPass = ContinuousClock.now
                last = try await surroundings()
            }
            await rest()
        }
        campaign.logger.notice("stopped watching")
    }

    /// Shows a report once; what only waits is not told again and again.
    private func tell(_ report: SyncReport, told: inout Set<String>) throws {
        let standing = Set((report.waiting + report.recognised).map { "\($0.file)\($0.reason)" })
            .union(report.ignored.map { "\($0.file)\($0.reason)" })
            .union(report.unreadable.map { "\($0.account)\($0.file)\($0.summary)" })
            .union(report.unreachable.map { "\($0.account)\($0.summary)" })
        guard !report.receipts.isEmpty || !standing.isSubset(of: told) else { return }
        told = standing
        try show(report)
    }

    private func rest() async {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: Self.interval)
        }
    }

    /// All that a pass depends on.
    private struct Surroundings: Equatable {
        let files: [String: [RemoteFile]]
        let numbers: [Int]
    }

    private func surroundings() async throws -> Surroundings {
        var files: [String: [RemoteFile]] = [:]
        for (account, result) in try await ImportDiscovery(campaign).listing() {
            files[account] = (try? result.get()) ?? []
        }
        let numbers = try campaign.read { database in
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
        return Surroundings(files: files, numbers: numbers)
    }
}
