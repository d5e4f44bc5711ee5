// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file in the making: text comes in, plain or compressed bytes go to a path that was free before.
///
/// Text is handed to the compressor in pieces of a fixed size, so that the bytes of the file do not depend on how
/// the text was handed in. Without ``finish()`` the file is removed again.
final class PartFile {
    /// The system's call for writing; a test puts one in its place that fails.
    typealias WriteCall = (Int32, UnsafeRawPointer?, Int) -> Int

    let path: String
    private(set) var textByteCount = 0
    private let write: WriteCall
    private let digest: FileDigest
    private let deflater: GzipDeflater?
    private let staging: UnsafeMutableRawBufferPointer
    private var stagedByteCount = 0
    private var fileDescriptor: Int32
    private var isFinished = false

    init(path: String, isGzip: Bool, wantsMD5: Bool, write: @escaping WriteCall) throws(AudienceFileError) {
        // What a killed run left under this name is of no use to anybody.
        unlink(path)
        fileDescriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fileDescriptor >= 0 else { throw .writeFailed(errno: errno) }
        self.path = path
        self.write = write
        digest = FileDigest(wantsMD5: wantsMD5)
        deflater = isGzip ? GzipDeflater() : nil
        staging = .allocate(byteCount: 512 << 10, alignment: 64)
    }

    deinit {
        if fileDescriptor >= 0 { close(fileDescriptor) }
        if !isFinished { unlink(path) }
        staging.deallocate()
    }

    /// Adds text.
    func append(_ bytes: UnsafeRawBufferPointer) throws(AudienceFileError) {
        var rest = bytes
        textByteCount += bytes.count
        while !rest.isEmpty {
            let count = min(rest.count, staging.count - stagedByteCount)
            UnsafeMutableRawBufferPointer(rebasing: staging[stagedByteCount...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            stagedByteCount += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if stagedByteCount == staging.count { try flush(isLast: false) }
        }
    }

    /// Writes what is left, waits until the disk has everything and closes the file.
    func finish() throws(AudienceFileError) -> FileDigest.Value {
        try flush(isLast: true)
        guard fsync(fileDescriptor) == 0 else { throw .writeFailed(errno: errno) }
        let result = close(fileDescriptor)
        fileDescriptor = -1
        guard result == 0 else { throw .writeFailed(errno: errno) }
        isFinished = true
        return digest.finish()
    }

    private func flush(isLast: Bool) throws(AudienceFileError) {
        let bytes = UnsafeRawBufferPointer(rebasing: staging[..<stagedByteCount])
        stagedByteCount = 0
        guard let deflater else { return try writeAll(bytes) }
        try deflater.deflate(bytes, isLast: isLast, write: writeAll)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(AudienceFileError) {
        digest.update(bytes)
        var rest = bytes
        while !rest.isEmpty {
            let count = write(fileDescriptor, rest.baseAddress, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if count == 0 || errno != EINTR {
                throw .writeFailed(errno: count == 0 ? ENOSPC : errno)
            }
        }
    }
}
