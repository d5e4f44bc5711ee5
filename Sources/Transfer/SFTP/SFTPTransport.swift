// SPDX-License-Identifier: Apache-2.0

/// An external account on an SFTP server (version 3, draft-ietf-secsh-filexfer-02, over SSH).
///
/// A server is spoken to only after it has shown a host key that a person confirmed; nothing turns that off.
/// Connections are opened when needed, used by several operations at a time, and opened again after they broke.
/// Symbolic links below the root are never followed. Lists go four folders deep and take 100,000 entries. Times are
/// those of SFTP, in whole seconds: a file of the same size written twice in a second is not seen to have changed.
package struct SFTPTransport: Transport {
    private let pool: SFTPPool

    /// Describes the account; nothing is opened yet.
    ///
    /// - Parameter settings: Where the account is and how it is signed in to.
    package init(_ settings: SFTPSettings) {
        pool = SFTPPool(settings)
    }

    /// The host keys that a server shows, the best first, for a person to compare with what the partner says.
    ///
    /// Nobody is signed in.
    ///
    /// - Parameter settings: Where the server is; user, secrets and confirmed keys do not count.
    /// - Returns: One key of each kind that the server has.
    /// - Throws: ``TransferError/nameUnknown(host:)``, ``TransferError/unreachable(host:errno:)``,
    ///   ``TransferError/timedOut(seconds:)``, ``TransferError/protocolFault(_:)`` where no SSH is spoken.
    package static func hostKeys(of settings: SFTPSettings) async throws(TransferError) -> [HostKey] {
        let approach = SFTPApproach(settings: settings)
        return try await approach.run(within: settings.connectTimeout * 4) { () throws(TransferError) in
            try approach.scan()
        }
    }

    /// Resolving the name, connecting, comparing the host key, signing in.
    package var reachSteps: [ReachStep] { SFTPReach(pool).steps }

    /// Lists the files in a folder and below it; a file's rights show only when it is read.
    package func list(under folder: RemotePath?) async throws(TransferError) -> [RemoteFile] {
        try await self.folder().list(under: folder).files
    }

    /// Lists all files, unless no folder has changed since an earlier list.
    package func listing(unlessChangedSince known: Listing?) async throws(TransferError) -> Listing {
        let folder = try await folder()
        if let known, await folder.isUnchanged(since: known) { return known }
        return try await folder.list(under: nil)
    }

    /// Opens a file for reading, with many blocks asked for at a time.
    package func read(_ path: RemotePath, from offset: Int) async throws(TransferError) -> any RemoteReader {
        try await folder().open(path, from: offset)
    }

    /// Makes contents appear under a name, whole or not at all; goes on where an interrupted attempt stopped.
    ///
    /// What was written is made durable and compared as far as the server offers that: its size always, its SHA-256
    /// with `check-file`. It is not read back. A name that is taken is left alone by the server, as SFTP obliges it
    /// to; replacing is atomic with `posix-rename@openssh.com`.
    package func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication {
        try await folder().publish(payload, as: path, expecting: expected, replacing: isReplacing)
    }

    /// Gives a file another name in the same account; never replaces a file.
    package func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError) {
        try await folder().move(path, to: destination)
    }

    /// Deletes a file; a file that is not there counts as deleted.
    package func delete(_ path: RemotePath) async throws(TransferError) {
        try await folder().delete(path)
    }

    /// The bytes that the server's file system still has for us, nothing without `statvfs@openssh.com`.
    package func freeBytes() async throws(TransferError) -> Int? {
        let folder = try await folder()
        do throws(SFTPFault) {
            return try await folder.space()?.freeBytes
        } catch {
            throw await folder.failure(error, during: .measure, at: nil)
        }
    }

    /// Deletes our own temporary files that rested for the leftover age of the settings.
    package func removeLeftovers() async throws(TransferError) -> Int {
        try await folder().removeLeftovers()
    }

    private func folder() async throws(TransferError) -> SFTPFolder {
        guard !Task.isCancelled else { throw .cancelled }
        return SFTPFolder(lease: try await pool.lease(), settings: pool.settings)
    }
}
