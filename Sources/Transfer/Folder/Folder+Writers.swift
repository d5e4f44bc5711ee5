// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Folder {
    /// Whether some process has a file open for writing, as far as the system tells.
    ///
    /// Linux grants a read lease on a file only while nobody has it open for writing (fcntl(2), "leases"). It tells the
    /// owner of a file and the superuser, on local file systems; all others hear nothing, which counts as nobody.
    ///
    /// - Parameter path: The file.
    /// - Returns: Whether one has; false where the file can't be opened.
    func isOpenForWriting(_ path: RemotePath) -> Bool {
        guard let (file, _) = try? openFile(path) else { return false }
        // Whoever opens the file for writing in this moment makes the system send a signal: one that is ignored unless
        // somebody asks for it, in place of one that ends the process.
        guard fcntl(file.number, Lease.setSignal, SIGURG) == 0 else { return false }
        guard fcntl(file.number, Lease.set, Lease.read) == 0 else { return errno == EAGAIN }
        _ = fcntl(file.number, Lease.set, Lease.none)
        return false
    }

    /// Numbers of Linux that the Glibc module does not show.
    private enum Lease {
        static let setSignal: Int32 = 10
        static let set: Int32 = 1024
        static let read: Int32 = 0
        static let none: Int32 = 2
    }
}
