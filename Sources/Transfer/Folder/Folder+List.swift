// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Folder {
    /// Lists the files in a folder and below it, sorted by the bytes of their paths.
    func list(under path: RemotePath?, cancellation: Cancellation) throws(TransferError) -> Listing {
        var files: [RemoteFile] = []
        var walk = FolderWalk(folder: self, cancellation: cancellation)
        try walk.visit(from: path) { entry in
            guard entry.name.first != UInt8(ascii: "."), !RemotePath.isTemporary(entry.name) else { return }
            files.append(
                RemoteFile(
                    path: entry.path,
                    byteCount: entry.isRegularFile ? Int(entry.status.st_size) : 0,
                    modifiedNanoseconds: entry.status.modifiedNanoseconds,
                    obstacle: entry.obstacle ?? obstacle(to: entry)
                )
            )
        }
        files.sort { $0.path < $1.path }
        return Listing(files: files, folderTimes: walk.folderTimes)
    }

    /// Whether all folders of a list still have the times that they had.
    func isUnchanged(since known: Listing) -> Bool {
        guard let times = known.folderTimes else { return false }
        return times.allSatisfy { path, time in
            (try? open(path).status().modifiedNanoseconds) == time
        }
    }

    /// Why a file can not be read, nothing where it can.
    private func obstacle(to entry: FolderWalk.Entry) -> TransferError? {
        guard entry.isRegularFile else { return .notAFile(entry.path) }
        let name = FileDescriptor.cString(entry.name)
        guard faccessat(entry.parent.number, name, R_OK, AT_EACCESS) != 0 else { return nil }
        let error = SystemError()
        return error.number == ENOENT ? nil : TransferError(error, during: .open, at: entry.path)
    }
}

extension stat {
    /// When the file was last changed, in nanoseconds since 1970-01-01 UTC.
    var modifiedNanoseconds: Int {
        st_mtim.tv_sec * 1_000_000_000 + st_mtim.tv_nsec
    }
}
