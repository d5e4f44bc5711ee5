// SPDX-License-Identifier: Apache-2.0

/// Why work on an external account failed.
///
/// Cases carry paths, sizes and the system's error numbers (`errno`), never contents of files.
package enum TransferError: Error, Hashable, Sendable {
    /// The account's root is not there, or went away in mid-run: unmounted, renamed, deleted.
    case vanished(errno: Int32)

    /// There is no such file or folder in the account.
    case notFound(RemotePath)

    /// The account's rights do not allow it; no path stands for the account's root.
    case denied(RemotePath?, errno: Int32)

    /// The storage is read-only.
    case readOnly

    /// The storage, or our share of it, is full (`ENOSPC`, `EDQUOT`).
    case full(errno: Int32)

    /// Fewer bytes are free than wanted.
    case lowSpace(freeBytes: Int, wantedBytes: Int)

    /// The path could leave the account, names nothing or is too long; given in its printable spelling.
    case unusablePath(String)

    /// Something other than a regular file has this name, for example a symbolic link or a folder.
    case notAFile(RemotePath)

    /// The path leads through something other than a folder, for example a symbolic link.
    case notAFolder(RemotePath)

    /// A file with other contents has this name already.
    case exists(RemotePath)

    /// The account holds more entries than a list takes.
    case tooManyFiles(limit: Int)

    /// A folder lies deeper than a list goes.
    case tooDeep(RemotePath, limit: Int)

    /// The file changed between opening it and reading its end.
    case changedWhileReading(RemotePath)

    /// A file has another size than it should have, in bytes.
    case sizeDiffers(RemotePath, expected: Int, actual: Int)

    /// A file has the right size and another SHA-256 than it should have.
    case checksumDiffers(RemotePath)

    /// The server's name stands for no address.
    case nameUnknown(host: String)

    /// No connection to the server: refused, no route (`ECONNREFUSED`, `EHOSTUNREACH`).
    case unreachable(host: String, errno: Int32)

    /// The storage did not answer in time, in seconds; another attempt may succeed.
    case timedOut(seconds: Double)

    /// The connection broke off in the middle of the work; another attempt may succeed.
    case disconnected

    /// No host key is pinned; the server shows this one (`SHA256:…`).
    case hostKeyUnknown(presented: String)

    /// The server shows a host key other than those that were confirmed, all as `SHA256:…`.
    case hostKeyChanged(presented: String, pinned: [String])

    /// The server speaks no TLS, or its certificate is not good, for a reason without secrets.
    case tlsRefused(reason: String)

    /// The server does not accept our password, key or signature; these ways of signing in it offers or names.
    case signInRefused(detail: String)

    /// The private key can't be used: unreadable, or another passphrase.
    case privateKeyUnusable

    /// The bucket is in another region than the account names.
    case regionDiffers(named: String, actual: String)

    /// There is no such bucket.
    case bucketUnknown(String)

    /// The storage asks us to slow down, even after several attempts (503, 429).
    case throttled

    /// The storage answered with an HTTP status and a code of its own.
    case refused(status: Int, code: String)

    /// The storage answered with something that is not its protocol.
    case protocolFault(String)

    /// The storage's clock differs from ours by this many seconds, positive where it is ahead.
    case clockDiffers(seconds: Double)

    /// The file on this machine could not be read or written.
    case localFile(errno: Int32)

    /// The disk of this machine is full.
    case localFull

    /// The work was cancelled before it was done; nothing of it is visible.
    case cancelled

    /// The system refused an operation for another reason.
    case system(Operation, RemotePath?, errno: Int32)
}

extension TransferError {
    /// What was being done when the system refused.
    package enum Operation: String, Hashable, Sendable {
        /// Connecting to a server.
        case connect
        /// Opening a file or folder.
        case open
        /// Listing a folder.
        case list
        /// Reading a file.
        case read
        /// Writing a file.
        case write
        /// Making a file or folder durable.
        case flush
        /// Giving a file its final name.
        case rename
        /// Deleting a file.
        case delete
        /// Making a folder.
        case makeFolder = "make-folder"
        /// Measuring the free space.
        case measure
    }
}

extension TransferError {
    /// Whether the same work may succeed a little later without anybody's doing: faults of connections and overload.
    ///
    /// Never true where a person has to act, such as after a refused sign-in.
    package var isTransient: Bool {
        switch self {
        case .unreachable, .timedOut, .disconnected, .throttled: true
        case .refused(let status, _): status == 500 || status == 502 || status == 503 || status == 504
        default: false
        }
    }
}
