// SPDX-License-Identifier: Apache-2.0

/// A file in an external account, as a list shows it.
package struct RemoteFile: Hashable, Sendable {
    /// Where the file stands, relative to the account's root.
    package let path: RemotePath

    /// The file's size in bytes.
    package let byteCount: Int

    /// When the file was last changed by the storage's clock, in nanoseconds since 1970-01-01 UTC.
    package let modifiedNanoseconds: Int

    /// What the storage calls this version of the contents (an S3 ETag), nothing where it has no name for it.
    package let version: String?

    /// Why the file can not be read, nothing where it can.
    package let obstacle: TransferError?

    /// Describes a file of an account.
    ///
    /// - Parameters:
    ///   - path: Where it stands.
    ///   - byteCount: Its size in bytes.
    ///   - modifiedNanoseconds: When it was last changed, in nanoseconds since 1970-01-01 UTC.
    ///   - version: What the storage calls its contents.
    ///   - obstacle: Why it can not be read, if it can not.
    package init(
        path: RemotePath,
        byteCount: Int,
        modifiedNanoseconds: Int,
        version: String? = nil,
        obstacle: TransferError? = nil
    ) {
        self.path = path
        self.byteCount = byteCount
        self.modifiedNanoseconds = modifiedNanoseconds
        self.version = version
        self.obstacle = obstacle
    }
}
