// SPDX-License-Identifier: Apache-2.0

/// An external account that is a bucket of Amazon S3 or of a compatible server, or a folder of one.
///
/// Objects appear whole or not at all, so nothing is written under temporary names. Lists take 100,000 keys.
package struct S3Transport: Transport {
    private var bucket: S3Bucket

    /// Describes the account; nothing is connected yet.
    ///
    /// Copies of the transport share their connections.
    ///
    /// - Parameter settings: How the account is reached.
    package init(_ settings: S3Settings) {
        bucket = S3Bucket(settings)
    }

    /// Name, connection, TLS where it is used, a signed request and the bucket's region.
    package var reachSteps: [ReachStep] { bucket.reachSteps }

    /// The same account over the same connections; requests that are sent again are counted.
    package func counting(in sendings: Sendings) -> S3Transport {
        var copy = self
        copy.bucket.client.sendings = sendings
        return copy
    }

    /// Lists the objects in a folder and below it.
    ///
    /// Keys that are no path, such as those with `..`, are left out. A folder without objects is not there. S3 has no
    /// conditional list (`ListObjectsV2` knows no `If-None-Match`), so a look always lists all.
    package func list(under folder: RemotePath?) async throws(TransferError) -> [RemoteFile] {
        try await bucket.list(under: folder)
    }

    /// Opens an object for reading; a broken connection is taken up again where it stopped.
    package func read(_ path: RemotePath, from offset: Int) async throws(TransferError) -> any RemoteReader {
        let key = try bucket.key(of: path)
        guard let status = try await bucket.status(of: path) else { throw .notFound(path) }
        guard offset <= status.byteCount else { throw .changedWhileReading(path) }
        let version = S3Version(path: path, key: key, etag: status.etag)
        return S3Reader(version, status: status, from: offset, bucket: bucket)
    }

    /// Makes contents appear under a key, in one request or in parts.
    package func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication {
        let upload = S3Upload(
            source: try PayloadSource(payload),
            path: path,
            key: try bucket.key(of: path),
            expected: expected,
            isReplacing: isReplacing
        )
        return try await bucket.publish(upload)
    }

    /// Gives an object another key of the same account; never replaces an object.
    package func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError) {
        try await bucket.move(path, to: destination)
    }

    /// Deletes an object; one that is not there counts as deleted.
    package func delete(_ path: RemotePath) async throws(TransferError) {
        try await bucket.delete(path)
    }

    /// Nothing: S3 has no bounds that it tells.
    package func freeBytes() async throws(TransferError) -> Int? { nil }

    /// Gives up old uploads in parts of the same access key, and deletes old probes.
    package func removeLeftovers() async throws(TransferError) -> Int {
        try await bucket.removeLeftovers()
    }

    /// Gives up all uploads in parts of the same access key to one key.
    package func removeLeftovers(of path: RemotePath) async throws(TransferError) {
        try await bucket.removeLeftovers(of: path)
    }
}
