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
    }

    /// What the files are, by the name of the first part.
    package let kind: Kind
    /// The external account that holds them.
    package let account: String
    /// Why the files can't be used, whatever they hold.
    let refusal: Refusal?
    /// The files, by part.
    package var files: [File]

    /// The name of the first file.
    package var name: String { files.first?.remote.path.name ?? "" }

    /// The moment in the names, in seconds since 1970; it orders deliveries.
    var timestamp: Int64 {
        switch kind {
        case .inbound(let name): name.timestamp
        case .idSync(let name): name.timestamp
        }
    }

    /// The number of the first part that is missing below the largest one there is; parts are numbered from 1.
    var missingPart: Int? {
        let parts = Set(files.map(\.part))
        guard !parts.contains(0) else { return nil }
        return (1...(parts.max() ?? 1)).first { !parts.contains($0) }
    }

    /// Why a file that looked cut when it was read last may still be written.
    var cutReason: String? { files.first { $0.entry.state == .waiting }?.entry.reason }

    /// Whether the files come in parts, so that more may come.
    var isSplit: Bool { files.contains { $0.part > 0 } }
}
