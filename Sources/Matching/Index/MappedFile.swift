// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file mapped into memory whole; its size is checked before, so that reading never runs off its end.
final class MappedFile {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var byteCount: Int
    let isWritable: Bool
    private let descriptor: Int32

    /// Opens a file, and makes it with a number of bytes of zero if asked for.
    init(path: String, creatingByteCount: Int? = nil, writable: Bool) throws(MatchingError) {
        // A new file takes the place of an old one, whose readers keep what they have.
        if creatingByteCount != nil { Self.remove(path) }
        let creation = creatingByteCount == nil ? 0 : O_CREAT | O_EXCL
        let flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | creation
        descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw .file(operation: .open, code: errno) }
        do throws(MatchingError) {
            if let creatingByteCount { try Self.reserve(descriptor, creatingByteCount) }
            byteCount = try Self.size(descriptor)
            guard byteCount >= IDIndexHeader.byteCount else {
                throw MatchingError.indexTruncated(expected: IDIndexHeader.byteCount, actual: byteCount)
            }
            base = try Self.map(descriptor, byteCount, writable)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        isWritable = writable
    }

    deinit {
        munmap(base, byteCount)
        Glibc.close(descriptor)
    }

    /// Makes the file longer with zeros; may move the mapping.
    func extend(to larger: Int) throws(MatchingError) {
        try Self.reserve(descriptor, larger)
        let fresh = try Self.map(descriptor, larger, isWritable)
        munmap(base, byteCount)
        base = fresh
        byteCount = larger
    }

    /// Writes all changes to the disk and waits for it.
    func flush() throws(MatchingError) {
        guard msync(base, byteCount, MS_SYNC) == 0, fsync(descriptor) == 0 else {
            throw .file(operation: .flush, code: errno)
        }
    }

    /// Writes the mapped bytes into another file and flushes it.
    func write(toNewFile path: String) throws(MatchingError) {
        let target = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw .file(operation: .open, code: errno) }
        defer { Glibc.close(target) }
        var done = 0
        while done < byteCount {
            let written = Glibc.write(target, base + done, min(byteCount - done, 1 << 26))
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .file(operation: .write, code: errno) }
            done += written
        }
        guard fsync(target) == 0 else { throw .file(operation: .flush, code: errno) }
    }

    /// Gives a file another name, in place of the one that had it, and makes that last.
    static func rename(_ path: String, to name: String) throws(MatchingError) {
        guard Glibc.rename(path, name) == 0 else { throw .file(operation: .rename, code: errno) }
        let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? "."
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(operation: .open, code: errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .file(operation: .flush, code: errno) }
    }

    /// Removes a file that may not be there.
    static func remove(_ path: String) {
        _ = Glibc.unlink(path)
    }

    /// Sets room aside on the disk, so that writing to the mapping never finds the disk full.
    private static func reserve(_ descriptor: Int32, _ byteCount: Int) throws(MatchingError) {
        let code = posix_fallocate(descriptor, 0, off_t(byteCount))
        guard code == 0 else { throw .file(operation: .reserve, code: code) }
    }

    private static func size(_ descriptor: Int32) throws(MatchingError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(operation: .size, code: errno) }
        return Int(status.st_size)
    }

    private static func map(
        _ descriptor: Int32,
        _ byteCount: Int,
        _ writable: Bool
    ) throws(MatchingError) -> UnsafeMutableRawPointer {
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        let mapped = mmap(nil, byteCount, protection, MAP_SHARED, descriptor, 0)
        guard let mapped, mapped != UnsafeMutableRawPointer(bitPattern: -1) else {
            throw .file(operation: .map, code: errno)
        }
        return mapped
    }
}
