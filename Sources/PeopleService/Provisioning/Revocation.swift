// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Provisioning
import Storage
import Terminal
import Web

/// Undoes what was made for a request; what others use or what holds people's IDs stays, with a word.
package struct Revocation {
    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Undoes it; a second time there is nothing to do.
    ///
    /// - Parameter request: The request's ID.
    /// - Returns: What went and what stayed.
    /// - Throws: ``Problem`` of kind `provisioning.unknown`.
    package func revoke(_ request: String) throws -> RevocationReport {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        var report = RevocationReport(request: request)
        let storage = try service.write { database in
            var made = try ProvisioningStore().require(request, in: database)
            try removeDestinations(&made, &report, in: database)
            try removeTest(&made, &report, in: database)
            if made.storage != nil { try removeAccounts(made, &report, in: database) }
            try removeDataSources(&made, &report, in: database)
            if let token = made.token {
                made.token = nil
                if (try? APITokenStore().revoke(token, in: database)) != nil {
                    report.removed.append("token \(token)")
                }
            }
            made.state = .revoked
            try ProvisioningStore().save(made, at: service.world.milliseconds, in: database)
            return made.storage
        }
        if let storage { removeFolders(storage, &report) }
        service.logger.notice("request revoked", metadata: ["request": "\(request)"])
        return report
    }

    private func removeDestinations(
        _ made: inout Provisioned,
        _ report: inout RevocationReport,
        in database: Database
    ) throws {
        for index in made.sources.indices {
            guard let number = made.sources[index].destination else { continue }
            made.sources[index].destination = nil
            guard (try? DestinationStore().find(number, in: database)) != nil else { continue }
            try Destinations.remove(number, at: service.world.milliseconds, in: database)
            report.removed.append("destination \(number)")
        }
    }

    private func removeTest(
        _ made: inout Provisioned,
        _ report: inout RevocationReport,
        in database: Database
    ) throws {
        guard let test = made.test else { return }
        made.test = nil
        try database.execute(sql: "DELETE FROM mappings WHERE segment = ?", arguments: [test.segment])
        try SegmentStore().delete(test.segment, in: database)
        report.removed.append("test segment \(test.segment)")
        let users = try SegmentStore().referring(to: test.trait, in: database)
        if let user = users.first {
            report.kept.append(.init("test trait \(test.trait)", "segment \(user) refers to it"))
        } else {
            try TraitStore().delete(test.trait, in: database)
            report.removed.append("test trait \(test.trait)")
        }
        if let rule = test.mergeRule,
            try count("segments", "merge_rule", rule, in: database) == 0
        {
            try database.execute(sql: "DELETE FROM merge_rules WHERE number = ?", arguments: [rule])
            report.removed.append("merge rule \(rule)")
        }
    }

    private func removeAccounts(
        _ made: Provisioned,
        _ report: inout RevocationReport,
        in database: Database
    ) throws {
        let known = try ExternalAccountStore().all(in: database).map(\.id)
        for id in [made.inboundAccount, made.outboundAccount] where known.contains(id) {
            if let user = try service.user(of: id, in: database) {
                report.kept.append(.init("account \(id)", "\(user) uses it"))
            } else {
                try ExternalAccountStore().delete(id, in: database)
                report.removed.append("account \(id)")
            }
        }
    }

    private func removeDataSources(
        _ made: inout Provisioned,
        _ report: inout RevocationReport,
        in database: Database
    ) throws {
        var kept: [Provisioned.Source] = []
        for source in made.sources {
            guard let found = try? DataSourceStore().find(source.number, in: database) else { continue }
            // Merge rules took it up by themselves.
            let usage = try DataSourceUsage(of: found, withMergeRules: false, in: database)
            guard usage.phrases.isEmpty else {
                kept.append(source)
                let reason = "used by \(usage.phrases.joined(separator: "; "))"
                report.kept.append(.init("data source \(source.number) (\(source.name))", reason))
                continue
            }
            try database.execute(
                sql: "DELETE FROM merge_rule_sources WHERE data_source = ?",
                arguments: [source.number]
            )
            try DataSourceStore().delete(source.number, in: database)
            report.removed.append("data source \(source.number)")
        }
        made.sources = kept
    }

    private func count(_ table: String, _ column: String, _ value: Int, in database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM \(table) WHERE \(column) = ?",
            arguments: [value]
        ) ?? 0
    }

    /// Removes folders that nothing lies in; files stay.
    private func removeFolders(_ storage: String, _ report: inout RevocationReport) {
        for folder in ["\(storage)/inbound", "\(storage)/outbound", storage] {
            if rmdir(folder) == 0 {
                report.removed.append("folder \(folder)")
            } else if errno != ENOENT {
                report.kept.append(.init("folder \(folder)", "files lie in it"))
            }
        }
    }
}

/// What undoing a request did, as commands show it.
package struct RevocationReport: Report, Sendable {
    /// Something that stays, and why.
    package struct Kept: Encodable, Sendable {
        let what: String
        let reason: String

        init(_ what: String, _ reason: String) {
            self.what = what
            self.reason = reason
        }
    }

    let request: String
    var removed: [String] = []
    var kept: [Kept] = []

    package var text: String {
        let lines = removed.map { "  removed  \($0)" } + kept.map { "  stays    \($0.what): \($0.reason)" }
        return lines.isEmpty
            ? "Nothing was left of \(request)."
            : (["request \(request) is revoked"] + lines).joined(separator: "\n")
    }
}
