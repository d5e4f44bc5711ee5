// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Logging
import Problems
import Storage
import Terminal

/// Undoes what completing a provisioning made and what a killed test left; what audiences or others use stays, with a word.
package struct Undoing {
    private let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Undoes it; a second time what stayed before, if nothing uses it any more.
    ///
    /// A fresh answer may complete the request again.
    ///
    /// - Parameter request: The request's ID.
    /// - Returns: What went and what stayed.
    /// - Throws: ``Problem`` of kind `provisioning.unknown`.
    package func undo(_ request: String) throws -> UndoingReport {
        var report = UndoingReport(request: request)
        guard try campaign.read({ try WrittenRequestStore().find(request, in: $0) }).completion != nil else {
            return report
        }
        report.removed = try TestRemains(campaign).remove(of: request)
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        try campaign.write { database in
            var written = try WrittenRequestStore().find(request, in: database)
            guard var completion = written.completion else { return }
            try removeDeclared(&completion, &report, in: database)
            try resetVisitor(&completion, &report, in: database)
            try removeAccounts(&completion, &report, in: database)
            if let api = completion.api, try HubSettings.forget(api, campaign, in: database) {
                report.removed.append("hub \(api)")
            }
            if written.state == .completed { written.state = .open }
            written.completion = report.kept.isEmpty ? nil : completion
            try WrittenRequestStore()
                .update(written, at: campaign.world.milliseconds, in: database)
        }
        campaign.logger.notice("provisioning undone", metadata: ["request": "\(request)"])
        return report
    }

    private func removeDeclared(
        _ completion: inout WrittenRequest.Completion,
        _ report: inout UndoingReport,
        in database: Database
    ) throws {
        guard completion.madeDeclared, let id = completion.declared else { return }
        let what = "shared data source \(id)"
        if let reason = try user(of: id, in: database) {
            report.kept.append(.init(what: what, reason: reason))
            return
        }
        try database.execute(sql: "DELETE FROM shared_lists WHERE data_source = ?", arguments: [id])
        try database.execute(sql: "DELETE FROM shared_data_sources WHERE id = ?", arguments: [id])
        if database.changesCount > 0 { report.removed.append(what) }
        completion.declared = nil
        completion.madeDeclared = false
    }

    private func resetVisitor(
        _ completion: inout WrittenRequest.Completion,
        _ report: inout UndoingReport,
        in database: Database
    ) throws {
        guard let former = completion.former else { return }
        let id = SharedDataSource.defaultID.rawValue
        if let reason = try user(of: id, in: database) {
            report.kept.append(.init(what: "shared data source \(id)", reason: reason))
            return
        }
        try database.execute(
            sql: """
                UPDATE shared_data_sources SET number = ?, integration_code = ?, destination = ?,
                    import_account = ?, export_account = ?, terms_accepted = ? WHERE id = ?
                """,
            arguments: [
                former.number, former.integrationCode, former.destination, former.importAccount,
                former.exportAccount, former.termsAccepted, id,
            ]
        )
        completion.former = nil
        report.removed.append("settings of the shared data source \(id)")
    }

    private func removeAccounts(
        _ completion: inout WrittenRequest.Completion,
        _ report: inout UndoingReport,
        in database: Database
    ) throws {
        var kept: [String] = []
        for id in completion.madeAccounts {
            // The built-in data source names the built-in accounts, whether it is used or not.
            let user = try String.fetchOne(
                database,
                sql: """
                    SELECT id FROM shared_data_sources WHERE (import_account = ?1 OR export_account = ?1)
                        AND NOT (id = 'defaultDataSource' AND destination IS NULL AND terms_accepted IS NULL)
                    ORDER BY id LIMIT 1
                    """,
                arguments: [id]
            )
            if let user {
                kept.append(id)
                report.kept.append(
                    .init(what: "external account \(id)", reason: "the shared data source \(user) uses it")
                )
            } else if try ExternalAccountStore().all(in: database).contains(where: { $0.id == id }) {
                try ExternalAccountStore().delete(id, in: database)
                report.removed.append("external account \(id)")
            }
        }
        completion.madeAccounts = kept
    }

    private func user(of source: String, in database: Database) throws -> String? {
        let audience = try String.fetchOne(
            database,
            sql: "SELECT id FROM audiences WHERE data_source = ? ORDER BY position LIMIT 1",
            arguments: [source]
        )
        if let audience { return "the audience \(audience) follows a segment through it" }
        let shared = try String.fetchOne(
            database,
            sql: "SELECT audience FROM shares WHERE data_source = ? ORDER BY id LIMIT 1",
            arguments: [source]
        )
        return shared.map { "the audience \($0) is shared through it" }
    }
}

/// What undoing a provisioning did, as commands show it.
package struct UndoingReport: Report, Sendable {
    /// Something that stays, and why.
    struct Kept: Encodable {
        let what: String
        let reason: String
    }

    let request: String
    var removed: [String] = []
    var kept: [Kept] = []

    package var text: String {
        let lines = removed.map { "  removed  \($0)" } + kept.map { "  stays    \($0.what): \($0.reason)" }
        guard !lines.isEmpty else { return "Nothing of \(request) is set up." }
        let end = kept.isEmpty ? [] : ["Once nothing uses what stays, undo it again."]
        return (["request \(request) is undone"] + lines + end).joined(separator: "\n")
    }
}
