// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Transport {
    /// Copies a file of the account to a new file of this machine and measures it on the way.
    ///
    /// The copy is durable when this returns; it is deleted where this throws. One mebibyte is held at a time.
    ///
    /// - Parameters:
    ///   - path: The file of the account.
    ///   - localFile: The new file's path; nothing may stand there yet. It is made with mode 0600.
    /// - Returns: The size and SHA-256 of what was read.
    /// - Throws: ``TransferError/localFile(errno:)`` where the copy can not be written,
    ///   ``TransferError/changedWhileReading(_:)`` and what the storage answers.
    package func download(
        _ path: RemotePath,
        to localFile: String
    ) async throws(TransferError) -> Fingerprint {
        let reader = try await read(path)
        let copy: FileDescriptor
        do throws(SystemError) {
            copy = try FileDescriptor.opening(
                Array(localFile.utf8),
                in: AT_FDCWD,
                O_WRONLY | O_CREAT | O_EXCL,
                mode: 0o600
            )
        } catch {
            throw .localFile(errno: error.number)
        }
        do throws(TransferError) {
            return try await reader.pour(into: copy)
        } catch {
            _ = unlink(localFile)
            throw error
        }
    }
}

extension RemoteReader {
    /// Writes the rest of the file to a local one and makes it durable.
    fileprivate func pour(into copy: FileDescriptor) async throws(TransferError) -> Fingerprint {
        let queue = BlockingQueue()
        var hasher = ContentHasher()
        while let chunk = try await next() {
            try await queue.run { (_) throws(TransferError) in
                do throws(SystemError) {
                    try copy.write(chunk[...])
                } catch {
                    throw .localFile(errno: error.number)
                }
            }
            hasher.update(chunk[...])
        }
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
