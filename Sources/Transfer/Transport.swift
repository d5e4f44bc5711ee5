// SPDX-License-Identifier: Apache-2.0

/// A way to an external account's storage: list, read, publish atomically, delete.
///
/// Every function can be called again after a failure or a crash with the same effect. None blocks the calling
/// task's thread. Cancelling the task ends the work with ``TransferError/cancelled``.
package protocol Transport: Sendable {
    /// The steps by which the account's storage is reached, each of which really takes it when run, in this order.
    ///
    /// What one step found out may serve the next; they are run one after the other.
    var reachSteps: [ReachStep] { get }

    /// The same way to the account, which counts how often it sends its requests.
    ///
    /// - Parameter sendings: Takes the count; one for each transfer.
    /// - Returns: A copy that shares its connections with this transport.
    func counting(in sendings: Sendings) -> Self

    /// Lists the files in a folder and below it.
    ///
    /// Hidden files, temporary names (``RemotePath/isIgnored``) and folders that can be entered are left out. What can not
    /// be read is listed with its ``RemoteFile/obstacle``: a file without the right, or what is no regular file, such as a
    /// symbolic link or a pipe (``TransferError/notAFile(_:)``).
    ///
    /// - Parameter folder: The folder, the account's root if none is given.
    /// - Returns: The files, sorted by the bytes of their paths.
    /// - Throws: ``TransferError/notFound(_:)``, ``TransferError/tooManyFiles(limit:)``,
    ///   ``TransferError/tooDeep(_:limit:)`` and what the storage answers.
    func list(under folder: RemotePath?) async throws(TransferError) -> [RemoteFile]

    /// Lists all files, unless no folder has changed since an earlier list; that one is given back then.
    ///
    /// - Parameter known: The earlier list; nothing to list in any case.
    /// - Returns: The files, and the folders' times where the storage has such.
    /// - Throws: As for a folder.
    func listing(unlessChangedSince known: Listing?) async throws(TransferError) -> Listing

    /// Opens a file for reading.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - offset: How many bytes to leave out, at most the file's size; more than that counts as a change.
    /// - Returns: The file, at the byte after those.
    /// - Throws: ``TransferError/notFound(_:)``, ``TransferError/notAFile(_:)``,
    ///   ``TransferError/changedWhileReading(_:)`` and what the storage answers.
    func read(_ path: RemotePath, from offset: Int) async throws(TransferError) -> any RemoteReader

    /// Makes contents appear in the account under a name, whole or not at all.
    ///
    /// The contents are written under a temporary name in the same folder, made durable and compared as far as the
    /// storage lets us, and then renamed. Missing folders are made. Publishing the same contents again changes nothing.
    ///
    /// - Parameters:
    ///   - payload: The contents.
    ///   - path: The final name.
    ///   - expected: The size and SHA-256 that the contents have.
    ///   - isReplacing: Whether a file with other contents may be replaced.
    /// - Returns: Whether it was written now or stood there already.
    /// - Throws: ``TransferError/exists(_:)`` where other contents have the name, ``TransferError/full(errno:)``,
    ///   ``TransferError/readOnly``, ``TransferError/sizeDiffers(_:expected:actual:)`` or
    ///   ``TransferError/checksumDiffers(_:)`` where the payload or what was read back is not as expected, and what
    ///   the storage answers. Nothing is visible then.
    func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication

    /// Gives a file another name in the same account; never replaces a file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - destination: Its new name; missing folders are made.
    /// - Throws: ``TransferError/notFound(_:)``, ``TransferError/exists(_:)`` and what the storage answers.
    func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError)

    /// Deletes a file; a file that is not there counts as deleted.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``TransferError/notAFile(_:)`` and what the storage answers.
    func delete(_ path: RemotePath) async throws(TransferError)

    /// The free space of the account in bytes, nothing where the storage does not say.
    ///
    /// - Returns: The bytes that we may still write.
    /// - Throws: What the storage answers.
    func freeBytes() async throws(TransferError) -> Int?

    /// Deletes our own temporary files that interrupted runs left behind.
    ///
    /// - Returns: How many were deleted.
    /// - Throws: What the storage answers.
    func removeLeftovers() async throws(TransferError) -> Int

    /// Deletes what interrupted runs of ours left of one file, however young it is.
    ///
    /// Only for a file that nobody is publishing now.
    ///
    /// - Parameter path: The file's final name.
    /// - Throws: What the storage answers.
    func removeLeftovers(of path: RemotePath) async throws(TransferError)
}

extension Transport {
    /// Refuses a file for which the account has no room, before it is sent; where the account does not say, it may be
    /// sent.
    ///
    /// - Parameter byteCount: The size of the file.
    /// - Throws: ``TransferError/lowSpace(freeBytes:wantedBytes:)``.
    package func confirmRoom(for byteCount: Int) async throws(TransferError) {
        guard let free = try? await freeBytes(), free < byteCount else { return }
        throw .lowSpace(freeBytes: free, wantedBytes: byteCount)
    }

    /// The transport as it is: most send every request once and leave it to the caller to try again.
    package func counting(in sendings: Sendings) -> Self { self }

    /// Nothing: where a file is published under a temporary name, the next attempt goes on with that.
    package func removeLeftovers(of path: RemotePath) async throws(TransferError) {}

    /// Confirms that the account's storage is there and lets us in.
    ///
    /// - Throws: What the first step that fails says.
    package func reach() async throws(TransferError) {
        for step in reachSteps { _ = try await step.run() }
    }

    /// Opens a file for reading from its first byte.
    ///
    /// - Parameter path: The file.
    /// - Returns: The file, at its first byte.
    /// - Throws: ``TransferError/notFound(_:)``, ``TransferError/notAFile(_:)`` and what the storage answers.
    package func read(_ path: RemotePath) async throws(TransferError) -> any RemoteReader {
        try await read(path, from: 0)
    }

    /// Lists all files of the account.
    ///
    /// - Returns: The files, sorted by the bytes of their paths.
    /// - Throws: As for a folder.
    package func list() async throws(TransferError) -> [RemoteFile] {
        try await list(under: nil)
    }

    /// Lists all files in any case: the storage does not tell whether something has changed.
    package func listing(unlessChangedSince known: Listing?) async throws(TransferError) -> Listing {
        Listing(files: try await list())
    }

    /// Makes contents appear under a name that is free or already has them.
    ///
    /// - Parameters:
    ///   - payload: The contents.
    ///   - path: The final name.
    ///   - expected: The size and SHA-256 that the contents have.
    /// - Returns: Whether it was written now or stood there already.
    /// - Throws: As with replacing; ``TransferError/exists(_:)`` where other contents have the name.
    package func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint
    ) async throws(TransferError) -> Publication {
        try await publish(payload, as: path, expecting: expected, replacing: false)
    }
}
