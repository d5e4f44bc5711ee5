// SPDX-License-Identifier: Apache-2.0

/// Where keys of IDs find profile numbers: a memory-mapped file of buckets, one cache line each.
///
/// The file is a header of 4,096 bytes, then buckets of 64 bytes with three entries each (three keys of 16 bytes,
/// three values of 4, 4 spare bytes), then posting lists for keys that stand for several profiles.
/// A key's bucket follows from a mix of the key with the secret; a full bucket spills into the next.
/// An index made for n keys takes about 27 bytes for each, and grows by half when it is full.
///
/// Reading is safe from many threads at once. Changes need the only use of the index at that time: the owner must
/// not change an index while others read it.
/// All changes are idempotent, so a caller that was interrupted can apply them again from ``revision``.
/// The index is derived data: any error of ``open(path:fingerprint:secret:writable:verifying:)`` means "make it anew".
///
/// `@unchecked Sendable`: the mapping is only read by the lookups, and changes are exclusive as stated above.
package final class IDIndex: @unchecked Sendable {
    /// The largest profile number that an index can hold: 2³¹ − 3.
    package static let largestNumber: ProfileNumber = 0x7FFF_FFFD

    /// The bit of a value that tells a posting list from a profile number.
    static let listBit: UInt32 = 0x8000_0000
    static let slotsPerBucket = 3
    static let bucketByteCount = 64
    /// More buckets would have positions beyond 32 bits.
    static let largestBucketCount = 0x5000_0000
    /// Keys per 100 slots when an index is made, and when it must grow.
    private static let (loadAtStart, loadAtGrowth) = (79, 86)

    /// The path of the file.
    private(set) package var path: String
    var file: MappedFile
    var header: IDIndexHeader
    let salt: UInt64

    private init(path: String, file: MappedFile, header: IDIndexHeader, secret: IDKeySecret) {
        self.path = path
        self.file = file
        self.header = header
        salt = Self.salt(of: secret)
    }

    /// Makes an empty index in place of any file at the path.
    ///
    /// - Parameters:
    ///   - path: The path of the file; the file has the permission 0600.
    ///   - fingerprint: 16 bytes that stand for all that the index depends on; the caller's choice.
    ///   - secret: The secret under which the keys are made; kept by the caller, not in the file.
    ///   - expectedCount: The number of keys to make room for.
    /// - Returns: The index, open for writing.
    /// - Throws: ``MatchingError/file(operation:code:)`` or ``MatchingError/indexFull(limit:)``.
    package static func create(
        path: String,
        fingerprint: [UInt8],
        secret: IDKeySecret,
        expectedCount: Int
    ) throws(MatchingError) -> IDIndex {
        let buckets = max(1, expectedCount) * 100 / (slotsPerBucket * loadAtStart) + 8
        guard buckets <= largestBucketCount else {
            throw .indexFull(limit: largestBucketCount * slotsPerBucket)
        }
        let header = IDIndexHeader(
            fingerprint: words(of: fingerprint),
            secretCheck: check(of: secret),
            bucketCount: UInt64(buckets),
            postingCapacity: 1024
        )
        let file = try MappedFile(path: path, creatingByteCount: header.fileByteCount, writable: true)
        header.write(to: file.base)
        return IDIndex(path: path, file: file, header: header, secret: secret)
    }

    /// Opens an index and checks every byte of it.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - fingerprint: The 16 bytes with which it must have been made.
    ///   - secret: The secret with which it must have been made.
    ///   - writable: Whether it will be changed.
    ///   - verifying: Whether to compare the content with the sums in the header; see ``verify()``.
    /// - Returns: The index.
    /// - Throws: A ``MatchingError`` that tells what is wrong with the file.
    package static func open(
        path: String,
        fingerprint: [UInt8],
        secret: IDKeySecret,
        writable: Bool,
        verifying: Bool = true
    ) throws(MatchingError) -> IDIndex {
        let file = try MappedFile(path: path, writable: writable)
        let header = try IDIndexHeader(reading: file.base, fileByteCount: file.byteCount)
        guard header.fingerprint == words(of: fingerprint) else { throw .indexFingerprint }
        guard header.secretCheck == check(of: secret) else { throw .indexSecret }
        let index = IDIndex(path: path, file: file, header: header, secret: secret)
        if verifying { try index.verify() }
        return index
    }

    /// The number of keys.
    package var count: Int { Int(header.keyCount) }

    /// The number of pairs of a key and a profile number.
    package var pairCount: Int { Int(header.pairCount) }

    /// The number of places for keys; all positions are below it.
    package var positionCount: Int { Int(header.bucketCount) * Self.slotsPerBucket }

    /// The number of bytes of the file.
    package var byteCount: Int { file.byteCount }

    /// The last change of the profiles that the caller has applied; 0 in a new index.
    ///
    /// Set it after the changes; ``synchronize()`` makes both last.
    package var revision: UInt64 {
        get { header.revision }
        set {
            precondition(file.isWritable, "the index was opened for reading only")
            header.revision = newValue
            header.write(to: file.base)
        }
    }

    /// Writes all changes to the disk and waits for it.
    ///
    /// - Throws: ``MatchingError/file(operation:code:)`` if the system can't.
    package func synchronize() throws(MatchingError) {
        try file.flush()
    }

    /// Flushes the index and gives it another path, at once; a file that is there is replaced.
    ///
    /// So a new index can be filled beside the old one and never be seen half-filled.
    ///
    /// - Parameter path: The new path, on the same file system.
    /// - Throws: ``MatchingError/file(operation:code:)`` if the system can't.
    package func move(to path: String) throws(MatchingError) {
        try file.flush()
        try MappedFile.rename(self.path, to: path)
        self.path = path
    }

    /// Writes a copy of the index, whole or not at all.
    ///
    /// - Parameter path: The path of the copy; a file that is there is replaced.
    /// - Throws: ``MatchingError/file(operation:code:)`` if the system can't.
    package func copy(to path: String) throws(MatchingError) {
        let unfinished = path + ".copying"
        do {
            try file.write(toNewFile: unfinished)
            try MappedFile.rename(unfinished, to: path)
        } catch {
            MappedFile.remove(unfinished)
            throw error
        }
    }

    var buckets: UnsafeMutableRawPointer { file.base + IDIndexHeader.byteCount }

    var postings: UnsafeMutablePointer<UInt32> {
        (buckets + Int(header.bucketCount) * Self.bucketByteCount).assumingMemoryBound(to: UInt32.self)
    }

    /// The number of keys beyond which the index must grow.
    var growthLimit: Int { positionCount * Self.loadAtGrowth / 100 }

    /// The bucket where a key belongs.
    ///
    /// A larger mix never gives a smaller bucket, whatever their number, so growing keeps the order of the keys.
    @inline(__always)
    static func home(of key: IDKey, salt: UInt64, bucketCount: UInt64) -> Int {
        let mixed = (key.first ^ salt) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: bucketCount).high)
    }

    private static func words(of fingerprint: [UInt8]) -> (UInt64, UInt64) {
        precondition(fingerprint.count == 16, "a fingerprint has 16 bytes")
        return fingerprint.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    private static func check(of secret: IDKeySecret) -> IDKey {
        IDKey(canonical: Array("index secret".utf8), secret: secret)
    }

    private static func salt(of secret: IDKeySecret) -> UInt64 {
        IDKey(canonical: Array("bucket salt".utf8), secret: secret).first
    }
}
