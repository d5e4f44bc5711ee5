// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Transport {
    /// Copies a file of the account to this machine, going on where an earlier attempt broke off, and measures it.
    ///
    /// The copy is whole and durable when this returns. Where it throws, what was read so far stays, for the next
    /// attempt, but not where the file is no longer the one that was listed or its checksum differs. One mebibyte is held at a time.
    ///
    /// - Parameters:
    ///   - file: The file as it was listed.
    ///   - localFile: The path of the copy, which is made with mode 0600. What stands there is the beginning of this
    ///     very version of the file; give every version a name of its own.
    ///   - progress: Is told how many bytes of the copy are there.
    /// - Returns: The size and SHA-256 of the whole file.
    /// - Throws: ``TransferError/localFile(errno:)`` where the copy can not be written,
    ///   ``TransferError/changedWhileReading(_:)``, ``TransferError/checksumDiffers(_:)`` and what the storage answers.
    package func download(
        _ file: RemoteFile,
        to localFile: String,
        progress: (Int) -> Void = { _ in }
    ) async throws(TransferError) -> Fingerprint {
        var copy = try PartialCopy(localFile, of: file)
        try await copy.measure()
        let reader = try await read(file.path, from: copy.byteCount)
        let sha256 = reader.takeChecksum()
        do throws(TransferError) {
            guard reader.byteCount == file.byteCount, reader.modifiedNanoseconds == file.modifiedNanoseconds
            else { throw .changedWhileReading(file.path) }
            while let chunk = try await reader.next() {
                try await copy.append(chunk)
                progress(copy.byteCount)
            }
        } catch {
            await reader.close()
            switch error {
            case .changedWhileReading, .checksumDiffers: _ = unlink(localFile)
            default: break
            }
            throw error
        }
        await reader.close()
        let found = try await copy.finish()
        guard sha256 == nil || found.sha256 == sha256 else {
            _ = unlink(localFile)
            throw .checksumDiffers(file.path)
        }
        return found
    }
}

/// The beginning of a file of an account, on this machine.
private struct PartialCopy: ~Copyable {
    private(set) var byteCount = 0
    private let copy: FileDescriptor
    private var hasher = ContentHasher()
    private let queue = BlockingQueue()

    /// Opens or makes the copy.
    init(_ path: String, of file: RemoteFile) throws(TransferError) {
        copy = try Self.open(path, of: file)
    }

    /// Measures what is there.
    mutating func measure() async throws(TransferError) {
        while true {
            let (copy, position) = (copy, byteCount)
            let chunk = try await queue.run { (_) throws(TransferError) in
                var buffer = [UInt8](repeating: 0, count: FileDescriptor.chunkByteCount)
                do throws(SystemError) {
                    return Array(buffer[..<(try copy.read(into: &buffer, at: position))])
                } catch {
                    throw .localFile(errno: error.number)
                }
            }
            guard !chunk.isEmpty else { return }
            hasher.update(chunk[...])
            byteCount += chunk.count
        }
    }

    private static func open(_ path: String, of file: RemoteFile) throws(TransferError) -> FileDescriptor {
        do throws(SystemError) {
            let flags = O_RDWR | O_CREAT | O_APPEND
            let copy = try FileDescriptor.opening(Array(path.utf8), in: AT_FDCWD, flags, mode: 0o600)
            let isTooLong = try copy.status().st_size > off_t(file.byteCount)
            if isTooLong, ftruncate(copy.number, 0) != 0 { throw SystemError() }
            return copy
        } catch {
            throw .localFile(errno: error.number)
        }
    }

    mutating func append(_ chunk: [UInt8]) async throws(TransferError) {
        let (copy, start) = (copy, byteCount)
        try await queue.run { (_) throws(TransferError) in
            do throws(SystemError) {
                try copy.write(chunk[...])
                copy.beginFlushing(from: start, count: chunk.count)
            } catch {
                throw error.number == ENOSPC || error.number == EDQUOT
                    ? .localFull : .localFile(errno: error.number)
            }
        }
        hasher.update(chunk[...])
        byteCount += chunk.count
    }

    /// Makes the copy durable.
    consuming func finish() async throws(TransferError) -> Fingerprint {
        let copy = copy
        try await queue.run { (_) throws(TransferError) in
            do throws(SystemError) {
                try copy.flush()
            } catch {
                throw .localFile(errno: error.number)
            }
        }
        return hasher.finish()
    }
}
