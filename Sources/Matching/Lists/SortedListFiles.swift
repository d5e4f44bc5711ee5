// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The system's calls on the files of sorted lists, with their errors.
enum SortedListFiles {
    /// Writes all bytes.
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SortedListError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let written = Glibc.write(descriptor, base + done, bytes.count - done)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .file(operation: .write, code: errno) }
            done += written
        }
    }

    /// Opens a file.
    static func open(_ path: String, _ flags: Int32) throws(SortedListError) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(operation: .open, code: errno) }
        return descriptor
    }

    /// Opens a new file without a name, which ends with its descriptor, however the process ends.
    static func openNameless(in directory: String) throws(SortedListError) -> Int32 {
        var path = Array("\(directory)/.sorting-XXXXXX".utf8CString)
        let descriptor = path.withUnsafeMutableBufferPointer { path -> Int32 in
            guard let name = path.baseAddress else { return -1 }
            let descriptor = mkstemp(name)
            if descriptor >= 0 { unlink(name) }
            return descriptor
        }
        guard descriptor >= 0 else { throw .file(operation: .open, code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    /// The size of an open file in bytes.
    static func byteCount(_ descriptor: Int32) throws(SortedListError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(operation: .size, code: errno) }
        return Int(status.st_size)
    }

    /// Makes the names in the folder of a file durable.
    static func flushFolder(of path: String) throws(SortedListError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = try open(folder, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .file(operation: .flush, code: errno) }
    }
}
