// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A payload that can be read at any place, as often as needed.
final class PayloadSource: Sendable {
    /// The payload's size in bytes at the moment of opening.
    let byteCount: Int

    private let bytes: [UInt8]
    private let file: FileDescriptor?

    /// Opens a payload.
    init(_ payload: Payload) throws(TransferError) {
        switch payload {
        case .bytes(let bytes):
            self.bytes = bytes
            file = nil
            byteCount = bytes.count
        case .file(let path):
            do throws(SystemError) {
                let file = try FileDescriptor.opening(path: path, O_RDONLY | O_NONBLOCK)
                let status = try file.status()
                guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(EISDIR) }
                self.file = file
                bytes = []
                byteCount = Int(status.st_size)
            } catch {
                throw .localFile(errno: error.number)
            }
        }
    }

    /// Fills memory with what stands at a position, as far as the payload goes, and blocks while it reads.
    func read(into memory: UnsafeMutableRawBufferPointer, at position: Int) -> Result<Int, TransferError> {
        guard let file else {
            let found = bytes.dropFirst(position).prefix(memory.count)
            memory.copyBytes(from: found)
            return .success(found.count)
        }
        return file.read(into: memory, at: position).mapError { .localFile(errno: $0.number) }
    }

    /// Fills a buffer with what stands at a position, as far as the payload goes, and blocks while it reads.
    func read(into buffer: inout [UInt8], at position: Int) throws(TransferError) -> Int {
        try buffer.withUnsafeMutableBytes { read(into: $0, at: position) }.get()
    }

    /// The bytes at a position, fewer where the payload ends before; blocks while it reads.
    func bytes(at position: Int, count: Int) throws(TransferError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let found = try read(into: &buffer, at: position)
        if found < count { buffer.removeLast(count - found) }
        return buffer
    }
}
