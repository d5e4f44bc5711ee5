// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An external account that is a directory of this machine, perhaps a mounted network folder.
///
/// Symbolic links below the root are never followed. Lists go four folders deep and take 100,000 entries.
package struct FolderTransport: Transport {
    private let folder: Folder
    private let queue = BlockingQueue()
    private let newTemporaryID: @Sendable () -> String

    /// Describes the account; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - root: The directory's path.
    ///   - fileMode: The mode of files that we write, less the process's `umask`. Files hold personal data, so others
    ///     than owner and group read them only if told.
    ///   - newTemporaryID: Gives a new part of a temporary name each time: letters, digits and hyphens, at most 200.
    package init(
        root: String,
        fileMode: UInt32 = 0o640,
        newTemporaryID: @escaping @Sendable () -> String
    ) {
        folder = Folder(root: root, fileMode: fileMode)
        self.newTemporaryID = newTemporaryID
    }

    /// The one step that leads to a directory: opening it.
    package var reachSteps: [ReachStep] {
        [
            ReachStep(.reach) { [folder, queue] () throws(TransferError) in
                try await queue.run { (_) throws(TransferError) in
                    _ = try folder.openRoot()
                }
                return nil
            }
        ]
    }

    /// Lists the files in a folder and below it.
    package func list(under path: RemotePath?) async throws(TransferError) -> [RemoteFile] {
        try await queue.run { [folder] (cancellation) throws(TransferError) in
            try folder.list(under: path, cancellation: cancellation).files
        }
    }

    /// Lists all files, unless no folder has changed since an earlier list.
    package func listing(unlessChangedSince known: Listing?) async throws(TransferError) -> Listing {
        try await queue.run { [folder] (cancellation) throws(TransferError) in
            if let known, folder.isUnchanged(since: known) { return known }
            return try folder.list(under: nil, cancellation: cancellation)
        }
    }

    /// Opens a file for reading, in place through its local descriptor or piece by piece.
    package func read(_ path: RemotePath, from offset: Int) async throws(TransferError) -> any RemoteReader {
        try await queue.run { [folder, queue] (_) throws(TransferError) in
            let (file, status) = try folder.openFile(path)
            guard offset <= Int(status.st_size) else { throw .changedWhileReading(path) }
            return FolderReader(
                path,
                from: offset,
                file: file,
                status: status,
                folder: folder,
                queue: queue
            )
        }
    }

    /// Whether some process has a file open for writing, as far as this process may know.
    ///
    /// - Parameter path: The file.
    /// - Returns: Whether one has; false where the system does not say.
    /// - Throws: ``TransferError/cancelled``.
    package func isOpenForWriting(_ path: RemotePath) async throws(TransferError) -> Bool {
        try await queue.run { [folder] (_) throws(TransferError) in folder.isOpenForWriting(path) }
    }

    /// Makes contents appear in the directory under a name, whole or not at all.
    package func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication {
        let id = newTemporaryID()
        return try await queue.run { [folder] (cancellation) throws(TransferError) in
            try folder.publish(
                payload,
                as: path,
                expecting: expected,
                replacing: isReplacing,
                id: id,
                cancellation: cancellation
            )
        }
    }

    /// Gives a file another name in the same directory tree; never replaces a file.
    package func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError) {
        try await queue.run { [folder] (_) throws(TransferError) in
            try folder.move(path, to: destination)
        }
    }

    /// Deletes a file; a file that is not there counts as deleted.
    package func delete(_ path: RemotePath) async throws(TransferError) {
        try await queue.run { [folder] (_) throws(TransferError) in
            try folder.delete(path)
        }
    }

    /// The bytes that the directory's file system still has for us.
    package func freeBytes() async throws(TransferError) -> Int? {
        try await queue.run { [folder] (_) throws(TransferError) in
            try folder.freeBytes()
        }
    }

    /// Deletes our own temporary files that no living run holds.
    package func removeLeftovers() async throws(TransferError) -> Int {
        try await queue.run { [folder] (cancellation) throws(TransferError) in
            try folder.removeLeftovers(cancellation: cancellation)
        }
    }
}
