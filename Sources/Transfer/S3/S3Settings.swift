// SPDX-License-Identifier: Apache-2.0

import NIOSSL

/// What it takes to reach and use an S3 account.
package struct S3Settings: Sendable {
    /// The bucket and the folder in it.
    package let server: ReceiverServer

    /// The access key's ID, which is not secret.
    package let accessKeyID: String

    /// The access key's secret half.
    package let secretAccessKey: S3Secret

    /// The bucket's region, for example `us-east-2`.
    package let region: String

    /// A server other than Amazon's, with the bucket in the path.
    package let endpoint: S3Endpoint?

    /// Whether the storage keeps our files encrypted with its own keys (SSE-S3).
    package var isEncrypted = false

    /// Whether the bucket's owner gets full control of what we write, for buckets that are not ours.
    package var isGrantingBucketOwner = false

    /// The certificate authorities that are trusted besides the system's.
    private(set) var authorities: [NIOSSLCertificate] = []

    /// How long to wait for what.
    package var timeouts = S3Timeouts()

    /// How files are cut up and how many pieces travel at once.
    package var pieces = S3Pieces()

    /// How often one request is tried, the first time included.
    package var attempts = 5

    /// How long ago an upload in parts has to have begun to count as left behind by a crash.
    package var leftoverAge = Duration.seconds(24 * 3_600)

    /// How many keys, ignored ones included, a list takes.
    package var entryLimit = 100_000

    /// Clock, pauses and randomness.
    package var surroundings = S3Surroundings()

    /// Checks what a person gave.
    ///
    /// - Parameters:
    ///   - server: The bucket and the folder in it.
    ///   - accessKeyID: The access key's ID.
    ///   - secretAccessKey: The access key's secret half.
    ///   - region: The bucket's region.
    ///   - endpoint: A server other than Amazon's.
    /// - Throws: ``S3SettingsError/region`` and ``S3SettingsError/accessKeyID``.
    package init(
        server: ReceiverServer,
        accessKeyID: String,
        secretAccessKey: S3Secret,
        region: String,
        endpoint: S3Endpoint? = nil
    ) throws(S3SettingsError) {
        let isRegion = region.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard isRegion, (1...40).contains(region.utf8.count) else { throw .region }
        let isKeyID = accessKeyID.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2F && $0 != 0x2C }
        guard isKeyID, (1...128).contains(accessKeyID.utf8.count) else { throw .accessKeyID }
        self.server = server
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.region = region
        self.endpoint = endpoint
    }

    /// Trusts certificate authorities besides the system's, for a server on one's own premises.
    ///
    /// - Parameter certificates: Their certificates as PEM text.
    /// - Throws: ``S3SettingsError/authority``.
    package mutating func trust(_ certificates: String) throws(S3SettingsError) {
        let found = try? NIOSSLCertificate.fromPEMBytes(Array(certificates.utf8))
        guard let found, !found.isEmpty, !certificates.contains("PRIVATE KEY") else { throw .authority }
        authorities += found
    }
}

/// How long an S3 account may keep us waiting.
package struct S3Timeouts: Sendable {
    /// Until a connection stands, TLS included.
    package var connect = Duration.seconds(10)

    /// Until an answer begins, and between its pieces.
    package var answer = Duration.seconds(30)

    /// What a transfer has to move in that time, in bytes for each second; less counts as timed out.
    package var slowestBytesPerSecond = 4_096

    /// The usual times.
    package init() {}
}

/// How S3 files are cut up.
package struct S3Pieces: Sendable {
    /// A file up to this many bytes goes up in one request.
    package var singleByteCount = 64 << 20

    /// The bytes of one part of an upload, at least 5 MiB on Amazon; more where the file would need over 10,000.
    package var partByteCount = 8 << 20

    /// The bytes that one request reads.
    package var rangeByteCount = 4 << 20

    /// How many parts or ranges travel at once.
    package var parallelCount = 4

    /// A file up to this many bytes is copied in one request; the protocol's limit is 5 GiB.
    package var singleCopyByteCount = 512 << 20

    /// The bytes of one part of a copy, at most 5 GiB.
    package var copyPartByteCount = 128 << 20

    /// The usual sizes.
    package init() {}
}

/// Clock, pauses and randomness of an S3 account, so that tests can be exact.
package struct S3Surroundings: Sendable {
    /// The clock, in nanoseconds since 1970-01-01 UTC.
    package var now: @Sendable () -> Int

    /// Waits between two attempts.
    package var pause: @Sendable (Duration) async throws -> Void

    /// Gives a number from 0 up to 1 by which a pause is shortened.
    package var jitter: @Sendable () -> Double

    /// Takes a clock, a way to wait and a source of numbers.
    ///
    /// - Parameters:
    ///   - now: The clock, in nanoseconds since 1970-01-01 UTC; the system's if none is given.
    ///   - pause: Waits between two attempts.
    ///   - jitter: Gives a number from 0 up to 1.
    package init(
        now: @escaping @Sendable () -> Int = { S3Time.systemNanoseconds() },
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.now = now
        self.pause = pause
        self.jitter = jitter
    }
}
