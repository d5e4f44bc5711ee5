// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Problems
import Storage
import Transfer

/// What to do with a set of files that was found: read it, wait, refuse it, or recognise it.
enum ImportDecision {
    /// Nothing has changed since the last look.
    case nothing
    /// Read it.
    case run(SharedDataSource, [Audience])
    /// Parts are missing, or nobody asks for its segments yet.
    case wait(SharedDataSource?, String)
    /// It can't be right.
    case refuse(SharedDataSource, Problem)
    /// The same bytes were imported under another name.
    case recognise(String)

    /// Decides.
    ///
    /// - Parameters:
    ///   - set: The files.
    ///   - files: The way to their bytes.
    ///   - campaign: The installation.
    ///   - quiet: Whether nothing of the set changed for the quiet period.
    /// - Throws: `TransferError` when a file can't be read, ``Problem`` when its account has no settings, or what the
    ///   database answers.
    init(_ set: ImportSet, _ files: ImportFiles, _ campaign: Campaign, quiet: Bool) async throws {
        let (source, audiences) = try campaign.read { database in
            let sources = try SharedDataSourceStore(campaign).all(in: database)
            let source = sources.first { $0.number == set.dataSource && $0.importAccount == set.account }
            return (
                source, try source.map { try AudienceStore(campaign).following($0.id, in: database) } ?? []
            )
        }
        if set.control != nil, !set.files.isEmpty, set.files.allSatisfy({ $0.entry.state == .loaded }) {
            self = .recognise("The control file came after its data, which are in already.")
            return
        }
        guard let source else {
            self = .wait(nil, "No shared data source has the number \(set.dataSource).")
            return
        }
        if let wanted = source.destination, let actual = set.destination, wanted != actual {
            let problem = Problem(
                .destinationDiffers,
                "\(set.name) is of destination \(actual); the data source \(source.id) belongs to \(wanted)."
            )
            self = .refuse(source, problem)
            return
        }
        guard source.termsAccepted != nil else {
            self = .wait(source, "The terms of the shared data source \(source.id) have not been accepted.")
            return
        }
        guard !audiences.isEmpty else {
            self = .wait(source, "No audience asks for a segment of the data source \(source.id).")
            return
        }
        if let reason = try await Self.missing(set, files, quiet: quiet) {
            self = .wait(source, reason)
            return
        }
        if let last = source.lastFull, set.moment < last {
            let problem = Problem(
                .fileSuperseded,
                "\(set.name) is older than the full file that was imported last."
            )
            self = .refuse(source, problem)
            return
        }
        if let reason = try await Self.earlier(set, files, campaign) {
            self = .recognise(reason)
            return
        }
        self = .run(source, audiences)
    }

    /// What a set still lacks.
    private static func missing(_ set: ImportSet, _ files: ImportFiles, quiet: Bool) async throws -> String? {
        if set.files.isEmpty { return "Only the control file has arrived." }
        if set.control != nil {
            guard let stated = try? await files.controlFile() else { return nil }
            let present = Dictionary(set.files.map { ($0.remote.path.name, $0.remote.byteCount) }) {
                first,
                _ in first
            }
            let missing = stated.entries.filter { present[$0.name] == nil }
            if let first = missing.first {
                return
                    "\(missing.count) of \(stated.entries.count) parts are missing, the first is \(first.name)."
            }
            if let total = stated.totals.fileCount, set.files.count < total {
                return "\(total - set.files.count) of \(total) parts are missing."
            }
            if let growing = stated.entries.first(where: { present[$0.name, default: 0] < $0.byteCount }) {
                return
                    "\(growing.name) is still arriving: \(present[growing.name] ?? 0) of \(growing.byteCount) bytes."
            }
            return nil
        }
        if let gap = set.gap { return "Part \(gap) is missing." }
        if set.needsQuiet, !quiet { return "It arrived a moment ago; more may follow." }
        return nil
    }

    /// Files with the same sizes that were imported with the same or a later moment are read once for their
    /// checksums: if these are equal too, somebody renamed, copied or touched files that are in already.
    private static func earlier(
        _ set: ImportSet,
        _ files: ImportFiles,
        _ campaign: Campaign
    ) async throws -> String? {
        var names: [String] = []
        for file in set.ordered {
            let known = try campaign.read { database in
                try Ledger(at: campaign.world.milliseconds)
                    .loaded(byteCount: file.entry.byteCount, in: database)
                    .filter { $0.id != file.entry.id && isSameOrLater($0, than: set) }
            }
            guard !known.isEmpty else { return nil }
            let sum = try await files.sha256(of: file)
            guard let same = known.first(where: { $0.sha256 == sum }) else { return nil }
            names.append(same.path + (same.receipt.map { " (receipt \($0))" } ?? ""))
        }
        return names.isEmpty ? nil : "The same bytes were imported as \(names.joined(separator: ", "))."
    }

    private static func isSameOrLater(_ entry: Ledger.Entry, than set: ImportSet) -> Bool {
        guard let path = try? RemotePath(spelling: entry.path) else { return false }
        if let name = OutboundFileName(parsing: path.name) {
            guard case .outbound(let key) = set.key else { return false }
            return name.keyDataSource == key.keyDataSource && name.mode == key.mode
                && name.timestamp >= key.timestamp
        }
        guard let name = InboundFileName(parsing: path.name),
            case .inbound(let number, let timestamp, let kind) = set.key
        else { return false }
        return name.dataSource == number && name.kind == kind && name.timestamp >= timestamp
    }
}
