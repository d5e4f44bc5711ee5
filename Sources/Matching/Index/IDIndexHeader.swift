// SPDX-License-Identifier: Apache-2.0

/// The first 4,096 bytes of an index file: what it is, how large, and the sums that its content must have.
///
/// Little-endian words of 64 bits: magic · version and header size · fingerprint (2) · check of the secret (2) ·
/// buckets · keys · pairs · revision · checksum · posting words set aside · used · abandoned · check of the header.
/// The rest is zero.
struct IDIndexHeader: Equatable {
    static let byteCount = 4096
    static let magic: UInt64 = 0x5844_4959_4C4C_4154  // "TALLYIDX"
    static let version: UInt32 = 1
    private static let wordCount = 15

    var fingerprint: (UInt64, UInt64)
    var secretCheck: IDKey
    var bucketCount: UInt64
    var keyCount: UInt64 = 0
    var pairCount: UInt64 = 0
    var revision: UInt64 = 0
    var checksum: UInt64 = 0
    var postingCapacity: UInt64
    var postingUsed: UInt64 = 0
    var postingAbandoned: UInt64 = 0

    /// The number of bytes of a file with this header.
    var fileByteCount: Int { Self.byteCount + Int(bucketCount) * 64 + Int(postingCapacity) * 4 }

    private var words: [UInt64] {
        [
            Self.magic, UInt64(Self.version) | UInt64(Self.byteCount) << 32,
            fingerprint.0, fingerprint.1, secretCheck.first, secretCheck.second,
            bucketCount, keyCount, pairCount, revision, checksum,
            postingCapacity, postingUsed, postingAbandoned,
        ]
    }

    init(fingerprint: (UInt64, UInt64), secretCheck: IDKey, bucketCount: UInt64, postingCapacity: UInt64) {
        self.fingerprint = fingerprint
        self.secretCheck = secretCheck
        self.bucketCount = bucketCount
        self.postingCapacity = postingCapacity
    }

    /// Reads and checks the first bytes of a file.
    init(reading base: UnsafeRawPointer, fileByteCount: Int) throws(MatchingError) {
        let words = (0..<Self.byteCount / 8).map { base.load(fromByteOffset: $0 * 8, as: UInt64.self) }
        guard words[0] == Self.magic else { throw .notAnIndex }
        let version = UInt32(truncatingIfNeeded: words[1])
        guard version == Self.version else { throw .indexVersion(expected: Self.version, actual: version) }
        fingerprint = (words[2], words[3])
        secretCheck = IDKey(first: words[4], second: words[5])
        (bucketCount, keyCount, pairCount, revision, checksum) = (
            words[6], words[7], words[8], words[9], words[10]
        )
        (postingCapacity, postingUsed, postingAbandoned) = (words[11], words[12], words[13])
        let sound =
            words[1] >> 32 == UInt64(Self.byteCount) && words[14] == check
            && words[Self.wordCount...].allSatisfy { $0 == 0 } && bucketCount > 0
            && bucketCount <= UInt64(IDIndex.largestBucketCount) && postingCapacity <= UInt64(IDIndex.listBit)
            && postingUsed <= postingCapacity
        guard sound else { throw .indexDamaged }
        guard self.fileByteCount == fileByteCount else {
            throw .indexTruncated(expected: self.fileByteCount, actual: fileByteCount)
        }
    }

    /// Writes the header in place.
    func write(to base: UnsafeMutableRawPointer) {
        for (index, word) in (words + [check]).enumerated() {
            base.storeBytes(of: word, toByteOffset: index * 8, as: UInt64.self)
        }
    }

    private var check: UInt64 {
        words.withUnsafeBytes { bytes in
            IDKey(canonical: bytes, secret: IDKeySecret(first: Self.magic, second: UInt64(Self.version)))
                .first
        }
    }

    static func == (one: IDIndexHeader, other: IDIndexHeader) -> Bool { one.words == other.words }
}
