// SPDX-License-Identifier: Apache-2.0

/// The header of a list file: 64 bytes that say what the file is and how much it holds.
struct SortedListHeader {
    /// The version of the format.
    static let version: UInt32 = 1

    /// "SORTLIST" in ASCII.
    private static let magic: UInt64 = 0x5453_494C_5452_4F53

    /// How many strings the list has.
    let count: Int

    /// How many bytes the file has, the header included.
    let byteCount: Int

    init(count: Int, byteCount: Int) {
        self.count = count
        self.byteCount = byteCount
    }

    /// Reads and checks a header.
    init(_ bytes: [UInt8]) throws(SortedListError) {
        guard bytes.count == SortedList.fileHeaderByteCount else {
            throw .truncated(expected: SortedList.fileHeaderByteCount, actual: bytes.count)
        }
        let words = bytes.withUnsafeBytes { bytes in
            (0..<8).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
        guard words[0] == Self.magic else { throw .notAList }
        let version = UInt32(truncatingIfNeeded: words[1])
        guard version == Self.version else { throw .version(expected: Self.version, actual: version) }
        guard Self.checksum(bytes) == words[7], let count = Int(exactly: words[2]),
            let byteCount = Int(exactly: words[3])
        else { throw .damaged(position: 0) }
        self.count = count
        self.byteCount = byteCount
    }

    /// The 64 bytes.
    var bytes: [UInt8] {
        let words: [UInt64] = [Self.magic, UInt64(Self.version), UInt64(count), UInt64(byteCount), 0, 0, 0]
        var bytes = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        bytes += withUnsafeBytes(of: Self.checksum(bytes).littleEndian) { Array($0) }
        return bytes
    }

    /// The checksum of the first 56 bytes.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { SortedList.checksum($0, 56, seed: 0) } ?? 0
        }
    }
}
