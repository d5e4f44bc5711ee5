// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A payload that is being read from its first byte to its last.
struct PayloadReader {
    /// The payload's size in bytes at the moment of opening.
    let byteCount: Int

    private let bytes: [UInt8]
    private let file: FileDescriptor?
    private var position = 0

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

    /// Fills the buffer as far as the payload goes; zero bytes are its end.
    mutating func read(into buffer: inout [UInt8]) throws(TransferError) -> Int {
        let count: Int
        if let file {
            do throws(SystemError) {
                count = try file.read(into: &buffer, at: position)
            } catch {
                throw .localFile(errno: error.number)
            }
        } else {
            count = min(buffer.count, bytes.count - position)
            buffer.replaceSubrange(..<count, with: bytes[position..<(position + count)])
        }
        position += count
        return count
    }

    /// The bytes at a position, without moving on; fewer where the payload ends before.
    func bytes(at position: Int, count: Int) throws(TransferError) -> [UInt8] {
        guard let file else { return Array(bytes.dropFirst(position).prefix(count)) }
        var buffer = [UInt8](repeating: 0, count: count)
        do throws(SystemError) {
            let found = try file.read(into: &buffer, at: position)
            return Array(buffer.prefix(found))
        } catch {
            throw .localFile(errno: error.number)
        }
    }
}
