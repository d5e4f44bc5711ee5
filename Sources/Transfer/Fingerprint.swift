// SPDX-License-Identifier: Apache-2.0

/// The size and SHA-256 of a file's contents, by which two copies are known to be the same.
package struct Fingerprint: Hashable, Sendable {
    /// The size in bytes.
    package let byteCount: Int

    /// The SHA-256 (FIPS 180-4) of the bytes, 32 bytes.
    package let sha256: [UInt8]

    /// Takes a size and checksum that are known already.
    ///
    /// - Parameters:
    ///   - byteCount: The size in bytes.
    ///   - sha256: The SHA-256 of the bytes, 32 bytes.
    package init(byteCount: Int, sha256: [UInt8]) {
        precondition(sha256.count == 32, "a SHA-256 has 32 bytes")
        self.byteCount = byteCount
        self.sha256 = sha256
    }

    /// Measures bytes in memory.
    ///
    /// - Parameter bytes: The contents.
    package init(of bytes: [UInt8]) {
        var hasher = ContentHasher()
        hasher.update(bytes[...])
        self = hasher.finish()
    }

    /// Measures a file on this machine; blocks while it reads.
    ///
    /// - Parameter localFile: The file's path on this machine.
    /// - Throws: ``TransferError/localFile(errno:)`` where it can not be read.
    package init(ofLocalFile localFile: String) throws(TransferError) {
        let source = try PayloadSource(.file(localFile))
        var hasher = ContentHasher()
        var position = 0
        var buffer = [UInt8](repeating: 0, count: FileDescriptor.chunkByteCount)
        while true {
            let count = try source.read(into: &buffer, at: position)
            guard count > 0 else { break }
            position += count
            hasher.update(buffer[..<count])
        }
        self = hasher.finish()
    }
}
