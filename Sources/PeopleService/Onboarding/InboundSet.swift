// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Problems
import Storage
import Transfer

/// The files of one delivery: an inbound file or an ID-sync file with all its parts.
package struct InboundSet: Sendable {
    /// What the files are.
    package enum Kind: Sendable, Hashable {
        /// Signals of users.
        case inbound(InboundFileName)
        /// Links of IDs.
        case idSync(IDSyncFileName)
    }

    /// What is wrong with a name.
    package enum Refusal: Sendable, Hashable {
        /// It ends as an OpenPGP message does.
        case encrypted
        /// As that, around gzip.
        case encryptedGzip

        /// The problem for people.
        func problem(_ file: String) -> Problem {
            InboundFault.encrypted(file, isPacked: self == .encryptedGzip)
        }
    }

    /// A file of a set.
    package struct File: Sendable {
        let remote: RemoteFile
        let entry: Ledger.Entry
        /// The number of the part; 0 for a file that is not split.
        let part: Int

        /// Whether it was read before.
        var isRead: Bool { entry.state == .loaded }
    }

    /// A part of the set that was read by an earlier run.
    package struct EarlierPart: Sendable {
        let part: Int
        let receipt: String?
        /// The file, if it is still there as it was read.
        let file: File?
    }

    /// What was read before under the name of a new file, with other bytes.
    package struct EarlierVersion: Sendable {
        let part: Int
        let receipt: String?
    }

    /// A part without which the set is not read.
    package enum MissingPart: Sendable {
        /// It was never there.
        case absent(Int)
        /// It was there and could not be used.
        case refused(Int)
        /// It is there under a name of another form, so that it is of another set.
        case otherForm(Int, name: String)

        /// What is missing and the way out.
        var reason: String {
            switch self {
            case .absent(let part):
                "part \(part) is missing: deliver it, or all parts anew with another time in their names"
            case .refused(let part):
                "part \(part) was refused: deliver a right one in its place, or all parts anew with another time in their names"
            case .otherForm(let part, let name):
                "part \(part) is there as \(name), whose ending makes it one of another set: deliver all parts with the same ending, and another time in their names"
            }
        }
    }

    /// What the files are, by the name of the first part.
    package let kind: Kind
    /// The external account that holds them.
    package let account: String
    /// Why the files can't be used, whatever they hold.
    let refusal: Refusal?
    /// The files that are new, by part.
    package var files: [File]
    /// Parts of the same set that were read before, by part.
    package var earlier: [EarlierPart] = []
    /// Earlier versions of the new files.
    var earlierVersions: [EarlierVersion] = []
    /// The first part that was refused and has not come again, or else that is missing below the largest one there is.
    package var missingPart: MissingPart?

    /// The name of the first new file.
    package var name: String { files.first?.remote.path.name ?? "" }

    /// The moment in the names, in seconds since 1970; it orders deliveries.
    var timestamp: Int64 {
        switch kind {
        case .inbound(let name): name.timestamp
        case .idSync(let name): name.timestamp
        }
    }

    /// Whether the lines of each listed user replace what the user had.
    private var isOverwrite: Bool {
        guard case .inbound(let name) = kind else { return false }
        return name.kind == .overwrite
    }

    /// Whether parts that were read before are read again: what an overwrite file says of a user may stand in several.
    private var readsAgain: Bool {
        isOverwrite && !earlier.isEmpty && earlier.allSatisfy { $0.file != nil }
    }

    /// All files to read, by part.
    var filesToRead: [File] {
        guard readsAgain else { return files }
        return (files + earlier.compactMap(\.file)).sorted { $0.part < $1.part }
    }

    /// Whether users lose what the files don't say of them.
    ///
    /// Not where earlier parts are gone: nobody knows what they said.
    var isReplacing: Bool { isOverwrite && (earlier.isEmpty || readsAgain) }

    /// Makes a new file one of those that were read before.
    ///
    /// - Parameter file: The file, as the ledger has it now.
    mutating func moveToEarlier(_ file: File) {
        files.removeAll { $0.entry.id == file.entry.id }
        earlier.append(EarlierPart(part: file.part, receipt: file.entry.receipt, file: file))
        earlier.sort { $0.part < $1.part }
    }

    /// What a receipt says of how the set goes on with what was read before.
    var notes: [String] { [continuation].compactMap(\.self) + earlierVersions.map(note) }

    private func note(_ version: EarlierVersion) -> String {
        let file = version.part > 0 || !earlier.isEmpty ? "part \(version.part)" : "the file"
        let reader = version.receipt ?? "an earlier run"
        let start = "\(file) came before with other bytes, which \(reader) read: "
        return start
            + (isOverwrite
                ? "users whom only those named stay as they are" : "what those said stays, and this is added")
    }

    /// How the set goes on with one that was read before; `nil` for a whole one.
    private var continuation: String? {
        guard !earlier.isEmpty else { return nil }
        let receipts = Set(earlier.compactMap(\.receipt)).sorted().joined(separator: ", ")
        let before = Self.text(earlier.map(\.part))
        let now = Self.text(files.map(\.part))
        let start = "goes on with \(receipts.isEmpty ? "an earlier run" : receipts): "
        if readsAgain { return start + "reads \(before) again beside \(now), for the users of \(now)" }
        if isOverwrite {
            return start + "can't read \(before) again, so users of \(now) also keep what they had"
        }
        return start + "adds \(now) to what \(before) said"
    }

    private static func text(_ parts: [Int]) -> String {
        (parts.count == 1 ? "part " : "parts ") + parts.map(String.init).joined(separator: ", ")
    }

    /// Why a file that looked cut when it was read last may still be written.
    var cutReason: String? {
        files.first { $0.entry.state == .waiting && $0.entry.receipt == nil }?.entry.reason
    }

    /// Why it was refused until a data source is there that its name gives.
    var refusedReason: String? {
        files.first { $0.entry.state == .waiting && $0.entry.receipt != nil }?.entry.reason
    }

    /// The data sources in the names: that of the IDs first, that of the traits last.
    var dataSources: [DataSourceNumber] {
        switch kind {
        case .inbound(let name): [name.dataSource, name.traitDataSource ?? name.dataSource]
        case .idSync(let name): name.dataSources
        }
    }

    /// Whether the files come in parts, so that more may come.
    var isSplit: Bool { files.contains { $0.part > 0 } }
}
