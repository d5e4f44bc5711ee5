// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import GRDBSQLite
import Matching
import Problems
import Storage
import Terminal

/// Finds out what importing a file would come to, and stores nothing.
///
/// Besides the states it tells which other normalization would have matched more: the IDs that stay unknown are
/// compared with the keys of all profiles under every other order of normalizers.
struct ImportPreview {
    /// How many unknown IDs are compared under other normalizations; of more, these are the first.
    static let comparedIDs = 1_000_000

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Previews.
    ///
    /// - Parameters:
    ///   - path: A local file, plain or gzip.
    ///   - segment: The segment that the audience would follow.
    ///   - id: The shared data source.
    ///   - isReconciliationForced: Whether addresses without a profile would be left out.
    /// - Returns: How many lines would end in which state, and which other normalizations would match more.
    /// - Throws: ``Problem`` of kind `data-sources.unknown`, `audiences.refused`, `files.unreadable` or that of a
    ///   file that can't be read to its end; what the database answers.
    func run(
        _ path: String,
        segment: String,
        _ id: SharedDataSource.ID,
        isReconciliationForced: Bool
    ) throws -> PreviewReport {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let source = try campaign.read { try SharedDataSourceStore(campaign).find(id, in: $0) }
        let kind = try Audiences.kind(segment, source, isReconciliationForced: isReconciliationForced)
        let name = (path as NSString).lastPathComponent
        guard OutboundFileName(parsing: name)?.isControlFile != true else {
            throw Problem(
                .fileUnreadable,
                "\(name) is a control file, which holds no IDs.",
                advice: "Name a data file of the set, ending in .sync or .sync.gz.",
                field: "file"
            )
        }
        let targets = ImportTargets([
            Audience(
                id: Audience.ID("preview"),
                label: "preview",
                kind: kind,
                count: 0,
                version: 0,
                listFile: nil,
                created: 0,
                updated: 0,
                expires: nil
            )
        ])
        let form = Self.form(of: name)
        let index = try ProfileIndexes(campaign).open(source.index)
        let accountant = LineAccountant(
            targets: targets,
            index: index,
            optedOut: try OptOuts(campaign).ofSharing(),
            form: form,
            spool: campaign.directory.spool,
            rejected: nil
        )
        let unknown = UnknownIDs(source, secret: try campaign.keySecret(), limit: Self.comparedIDs)
        accountant.observeUnknown = { try unknown.take($0) }
        // Decrypted texts are kept in any case, so that they can be compared under other normalizations.
        var isEncrypted = false
        if case .cipher = source.rule.form { isEncrypted = true }
        let reconciler = try Reconciler.of(source, index: index, keepsAddresses: isEncrypted, campaign)
        let file: FileDescriptorSource
        do {
            file = try FileDescriptorSource(path: path)
        } catch {
            throw Problem(
                .fileUnreadable,
                "The file \(path) can't be opened.",
                advice: "Check the path and its permissions; name an audience file, plain or gzip.",
                field: "file"
            )
        }
        accountant.beginFile()
        do {
            _ = try LinePipeline(file, form: form.lines, targets: targets, reconciler: reconciler)
                .run(into: accountant) { _ in }
        } catch {
            let fault = ImportFault(file: name, line: accountant.linesOfFile, error: error)
            throw ImportFailure(fault, account: source.importAccount, campaign).problem
        }
        let (counts, reasons) = try accountant.finish()
        let members = try memberCount(accountant)
        let alternatives = try alternatives(unknown, source, matched: counts[.matched])
        return PreviewReport(
            file: name,
            audienceType: kind.name,
            received: accountant.received,
            members: members,
            counts,
            reasons,
            alternatives: alternatives,
            note: Self.note(name, source)
        )
    }

    private func memberCount(_ accountant: LineAccountant) throws -> Int {
        switch accountant.collections[0] {
        case .profiles(let builder):
            return builder.added.count
        case .addresses(let builder):
            let operations = try builder.finish()
            while try operations.next() != nil {}
            return operations.distinctCount
        }
    }

    private static func form(of name: String) -> ImportForm {
        if InboundFileName(parsing: name) != nil {
            return ImportForm(lines: .inbound, isFull: false, replacesListedUsers: false)
        }
        let isFull = OutboundFileName(parsing: name).map { $0.mode == .full } ?? true
        return ImportForm(lines: .outbound, isFull: isFull, replacesListedUsers: false)
    }

    /// A file whose name belongs to another data source is read all the same, but it is said.
    private static func note(_ name: String, _ source: SharedDataSource) -> String? {
        let number =
            OutboundFileName(parsing: name)?.keyDataSource ?? InboundFileName(parsing: name)?.dataSource
        guard let number, let own = source.number, number != own else { return nil }
        return "the file's name gives data source \(number), not \(own)"
    }

    /// The normalizations that would match more lines: for those that find the same IDs, the one with the fewest
    /// steps; most lines first.
    private func alternatives(
        _ unknown: UnknownIDs,
        _ source: SharedDataSource,
        matched: Int
    ) throws -> [PreviewReport.Alternative] {
        guard unknown.count > 0, let field = source.keyField else { return [] }
        let counters = try unknown.candidates().map {
            try AlternativeCounter($0, unknown, campaign.keySecret())
        }
        guard !counters.isEmpty else { return [] }
        let progress = Progress("comparing other normalizations")
        defer { progress.finish() }
        try campaign.read { database in
            let total = try Counter.profiles.value(in: database)
            let statement = try database.makeStatement(
                sql: "SELECT \(field.name) FROM profiles WHERE \(field.name) IS NOT NULL"
            )
            let handle = statement.sqliteStatement
            defer { sqlite3_reset(handle) }
            var done = 0
            while sqlite3_step(handle) == SQLITE_ROW {
                let text = UnsafeRawBufferPointer(
                    start: UnsafeRawPointer(sqlite3_column_text(handle, 0)),
                    count: Int(sqlite3_column_bytes(handle, 0))
                )
                for counter in counters { try counter.take(text) }
                done += 1
                progress.show(done, of: total, "profiles")
            }
        }
        var seen = Set<Set<Int>>()
        return counters.filter { !$0.found.isEmpty }
            .sorted {
                ($0.normalization.steps.count, $0.normalization.description)
                    < ($1.normalization.steps.count, $1.normalization.description)
            }
            .filter { seen.insert($0.found).inserted }
            .map { PreviewReport.Alternative($0.normalization, matched: matched, more: $0.found.count) }
            .sorted { ($1.wouldMatch, $0.normalize.count) < ($0.wouldMatch, $1.normalize.count) }
    }
}
