// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An open file or folder, closed when it is dropped.
final class FileDescriptor: Sendable {
    /// The bytes that are read or written at a time.
    static let chunkByteCount = 1 << 20

    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        _ = close(number)
    }
}

/// An `errno` on its way to the place that knows what was being done.
struct SystemError: Error {
    let number: Int32

    init(_ number: Int32 = errno) {
        self.number = number
    }
}

extension FileDescriptor {
    /// Opens a file or folder by its name in a folder; a symbolic link is not followed.
    static func opening(
        _ name: [UInt8],
        in folder: Int32,
        _ flags: Int32,
        mode: mode_t = 0
    ) throws(SystemError) -> FileDescriptor {
        let number = retrying { openat(folder, cString(name), flags | O_NOFOLLOW | O_CLOEXEC, mode) }
        guard number >= 0 else { throw SystemError() }
        return FileDescriptor(number)
    }

    /// Opens a file or folder of this machine by its path; symbolic links are followed.
    static func opening(path: String, _ flags: Int32) throws(SystemError) -> FileDescriptor {
        let number = retrying { open(path, flags | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError() }
        return FileDescriptor(number)
    }

    /// What the system knows about the file.
    func status() throws(SystemError) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SystemError() }
        return status
    }

    /// Reads at a position until the buffer is full or the file ends; the count says which.
    func read(into buffer: inout [UInt8], at position: Int) throws(SystemError) -> Int {
        try buffer.withUnsafeMutableBytes { read(into: $0, at: position) }.get()
    }

    /// Reads at a position until the memory is full or the file ends; the count says which.
    func read(into memory: UnsafeMutableRawBufferPointer, at position: Int) -> Result<Int, SystemError> {
        var done = 0
        while done < memory.count {
            let count = retrying {
                pread(
                    number,
                    memory.baseAddress?.advanced(by: done),
                    memory.count - done,
                    off_t(position + done)
                )
            }
            guard count >= 0 else { return .failure(SystemError()) }
            guard count > 0 else { break }
            done += count
        }
        return .success(done)
    }

    /// Writes all bytes at the file's end, however many calls it takes.
    func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                retrying { Glibc.write(number, bytes.baseAddress, bytes.count) }
            }
            guard count >= 0 else { throw SystemError() }
            guard count > 0 else { throw SystemError(ENOSPC) }
            rest = rest.dropFirst(count)
        }
    }

    /// Has the system begin to store what was written, so that a later flush finds little left to wait for.
    func beginFlushing(from position: Int, count: Int) {
        _ = startWriteback?(number, off_t(position), off_t(count), 2)
    }

    /// Makes everything written durable, and hears what a close would say.
    ///
    /// A network file system tells some write errors only on closing, so a second descriptor is closed for it.
    func flush() throws(SystemError) {
        guard retrying({ fsync(number) }) == 0 else { throw SystemError() }
        let second = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard second >= 0, close(second) == 0 else { throw SystemError() }
    }

    /// Makes the names in a folder durable; file systems without that notion are content.
    func flushFolder() throws(SystemError) {
        guard retrying({ fsync(number) }) != 0 else { return }
        let error = SystemError()
        guard error.number == EINVAL || error.number == ENOTSUP else { throw error }
    }
}

extension FileDescriptor {
    /// A name as the system takes it.
    static func cString(_ name: [UInt8]) -> [CChar] {
        name.map { CChar(bitPattern: $0) } + [0]
    }
}

/// Calls the system again as long as a signal interrupts it.
func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
    while true {
        let result = call()
        guard result < 0, errno == EINTR else { return result }
    }
}

/// `sync_file_range` (Linux 2.6.17, flag 2 is `SYNC_FILE_RANGE_WRITE`), which the Glibc module does not show.
private typealias StartWriteback = @convention(c) (Int32, off_t, off_t, UInt32) -> Int32

private let startWriteback = dlsym(nil, "sync_file_range").map { unsafeBitCast($0, to: StartWriteback.self) }
