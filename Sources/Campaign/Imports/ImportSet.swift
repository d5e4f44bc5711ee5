// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Storage
import Transfer

/// The files of one export of the hub: all parts, and the control file where there is one.
struct ImportSet: Sendable {
    /// What the parts have in common.
    enum Key: Hashable, Sendable {
        case outbound(OutboundFileName.SetKey)
        case inbound(dataSource: Int, timestamp: Int64, kind: InboundFileName.Kind)
    }

    /// One file of the set.
    struct File: Sendable {
        let entry: Ledger.Entry
        let remote: RemoteFile
        let part: Int
        /// Whether part numbers are glued to the moment, so that the first part has none.
        let isGlued: Bool
    }

    let key: Key
    /// The external account that holds the files.
    let account: String
    /// The data files by their part number.
    var files: [File] = []
    /// The control file.
    var control: File?
    /// Whether its account shows files while they are still being written: partners of SFTP servers may upload under
    /// the final name.
    var mayGrow = false

    /// Whether it counts as complete only once nothing of it has changed for a while.
    var needsQuiet: Bool { control == nil && (files.count > 1 || mayGrow) }

    /// The number of the data source whose IDs the files hold, as their names say.
    var dataSource: Int {
        switch key {
        case .outbound(let key): key.keyDataSource
        case .inbound(let number, _, _): number
        }
    }

    /// The destination, as the names say; inbound files have none.
    var destination: Int? {
        guard case .outbound(let key) = key else { return nil }
        return key.destination
    }

    /// The moment of the export, in milliseconds since 1970.
    var moment: Int64 {
        switch key {
        case .outbound(let key): key.timestamp
        case .inbound(_, let timestamp, _): timestamp * 1000
        }
    }

    /// How the lines are written and what they do.
    var form: ImportForm {
        switch key {
        case .outbound(let key):
            ImportForm(lines: .outbound, isFull: key.mode == .full, replacesListedUsers: false)
        case .inbound(_, _, let kind):
            ImportForm(lines: .inbound, isFull: false, replacesListedUsers: kind == .overwrite)
        }
    }

    /// The name for messages: that of the first file.
    var name: String {
        (files.min { $0.part < $1.part } ?? control)?.remote.path.name ?? "an empty set"
    }

    /// Whether any of its files has not come to an end in the ledger.
    var isOpen: Bool {
        allFiles.contains { $0.entry.state != .loaded && $0.entry.state != .rejected }
    }

    /// The data files and the control file.
    var allFiles: [File] { files + (control.map { [$0] } ?? []) }

    /// When a file of the set changed last, in nanoseconds since 1970.
    var newest: Int { allFiles.map(\.remote.modifiedNanoseconds).max() ?? 0 }

    /// The data files in the order of their parts.
    var ordered: [File] { files.sorted { $0.part < $1.part } }

    /// The part that is missing between those that are there, or in front of them.
    ///
    /// Glued numbers start with a part that has none (0); all others start at 1, or at 0 if there is such a part.
    var gap: Int? {
        let parts = Set(files.map(\.part))
        guard let last = parts.max() else { return 0 }
        let first = parts.contains(0) || files.contains { $0.isGlued } ? 0 : 1
        return (first...max(first, last)).first { !parts.contains($0) }
    }
}
