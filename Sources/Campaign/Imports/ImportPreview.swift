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
            throw Problem(.fileUnreadable, "The file \(path) can't be opened.")
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
        return PreviewReport(
            file: name,
            audienceType: kind.name,
            received: accountant.received,
            members: members,
            counts,
            reasons,
            alternatives: try alternatives(unknown, source),
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

    private func alternatives(_ unknown: UnknownIDs, _ source: SharedDataSource) throws -> [PreviewReport
        .Alternative]
    {
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
        return counters.filter { $0.count > 0 }
            .map { PreviewReport.Alternative(normalize: $0.normalization.description, wouldMatch: $0.count) }
            .sorted { ($1.wouldMatch, $0.normalize.count) < ($0.wouldMatch, $1.normalize.count) }
    }
}

/// Counts how many unknown IDs a normalization would have matched.
final class AlternativeCounter {
    let normalization: Normalization
    private let maker: IDKeyMaker
    private var keys: Set<IDKey>
    private(set) var count = 0

    init(_ normalization: Normalization, _ unknown: UnknownIDs, _ secret: IDKeySecret) throws {
        self.normalization = normalization
        let form: IDForm = if case .digest = unknown.rule.form { unknown.rule.form } else { .plain }
        maker = try IDKeyMaker(rule: IDRule(form, normalization: normalization), secret: secret)
        keys = try unknown.keys(under: normalization)
    }

    /// Compares with the value of one profile; each ID counts once.
    func take(_ text: UnsafeRawBufferPointer) throws {
        guard let key = try maker.key(of: text), keys.remove(key) != nil else { return }
        count += 1
    }
}

/// The well-formed IDs of a file that no profile has, kept as keys or, where they can be normalized, as texts.
final class UnknownIDs {
    let rule: IDRule
    private let secret: IDKeySecret
    private let limit: Int
    private var digests = Set<IDKey>()
    private var texts = Set<[UInt8]>()

    init(_ source: SharedDataSource, secret: IDKeySecret, limit: Int) {
        rule = source.rule
        self.secret = secret
        self.limit = limit
    }

    /// How many different IDs are kept.
    var count: Int { digests.count + texts.count }

    /// Keeps an ID as the file has it, or the address that it was decrypted to.
    func take(_ id: UnsafeRawBufferPointer) throws {
        guard count < limit else { return }
        switch rule.form {
        case .visitorID: return
        case .digest(let algorithm):
            let text = String(decoding: id, as: UTF8.self)
            guard let digest = TextEncoding.decode(text, expectedByteCount: algorithm.byteCount) else {
                return
            }
            digests.insert(IDKey(canonical: digest, secret: secret))
        case .plain, .cipher:
            texts.insert(Array(id))
        }
    }

    /// The keys of the IDs if they had been normalized like this.
    func keys(under normalization: Normalization) throws -> Set<IDKey> {
        if case .digest = rule.form { return digests }
        let maker = try IDKeyMaker(rule: IDRule(.plain, normalization: normalization), secret: secret)
        var keys = Set<IDKey>(minimumCapacity: texts.count)
        for text in texts {
            if let key = try text.withUnsafeBytes({ try maker.key(of: $0) }) { keys.insert(key) }
        }
        return keys
    }

    /// The other normalizations: every set of normalizers in the order trim, lower, e164.
    ///
    /// The order of two normalizers makes no difference to any value but those that no ID stands for.
    func candidates() throws -> [Normalization] {
        let all = Normalizer.allCases
        return try (0..<(1 << all.count)).map { bits in
            try Normalization(all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] })
        }
        .filter { $0 != rule.normalization }
    }
}

/// What importing a file would come to.
struct PreviewReport: Report {
    struct Alternative: Encodable {
        let normalize: String
        let wouldMatch: Int
    }

    let file: String
    let audienceType: String
    let received: Int
    let members: Int
    let matched: Int
    let duplicate: Int
    let unknown: Int
    let malformed: Int
    let undecryptable: Int
    let ambiguous: Int
    let suppressed: Int
    let excess: Int
    let notRequested: Int
    let reasons: [Receipt.Reason]
    /// Other normalizations that would have matched some of the unknown IDs.
    let alternatives: [Alternative]
    let note: String?

    init(
        file: String,
        audienceType: String,
        received: Int,
        members: Int,
        _ counts: LineCounts,
        _ reasons: [Receipt.Reason],
        alternatives: [Alternative],
        note: String?
    ) {
        self.file = file
        self.audienceType = audienceType
        self.received = received
        self.members = members
        matched = counts[.matched]
        duplicate = counts[.duplicate]
        unknown = counts[.unknown]
        malformed = counts[.malformed]
        undecryptable = counts[.undecryptable]
        ambiguous = counts[.ambiguous]
        suppressed = counts[.suppressed]
        excess = counts[.excess]
        notRequested = counts[.notRequested]
        self.reasons = reasons
        self.alternatives = alternatives
        self.note = note
    }

    var text: String {
        var lines = ["preview of \(file): \(members.grouped) members (\(audienceType)), nothing was stored"]
        if let note { lines.append("  note           \(note)") }
        let states = [
            ("matched", matched), ("duplicate", duplicate), ("unknown", unknown), ("malformed", malformed),
            ("undecryptable", undecryptable), ("ambiguous", ambiguous), ("suppressed", suppressed),
            ("excess", excess), ("not requested", notRequested),
        ]
        for (name, count) in states where count > 0 {
            let padding = String(repeating: " ", count: 14 - name.count)
            lines.append("  \(name)\(padding) \(count.grouped)")
            for reason in reasons where reason.state == name && reason.reason != name {
                let hint = LineReason(code: reason.reason)?.hint ?? ""
                lines.append("    \(reason.lines.grouped) \(reason.reason): \(hint)")
            }
        }
        lines.append("  received       \(received.grouped)")
        for alternative in alternatives {
            let name =
                alternative.normalize.isEmpty ? "no normalization" : "--normalize \(alternative.normalize)"
            lines.append("  \(name) would match \(alternative.wouldMatch.grouped) of the unknown IDs")
        }
        return lines.joined(separator: "\n")
    }
}
