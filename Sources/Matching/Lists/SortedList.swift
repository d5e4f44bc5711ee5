// SPDX-License-Identifier: Apache-2.0

/// The format of a sorted list: distinct byte strings in ascending byte order, in blocks with checksums.
///
/// A list file has a header of 64 bytes (magic, version, number of strings, length of the file, checksum of these)
/// and blocks of at most ``blockByteCount`` bytes. A block has a header of 16 bytes (length of the rest, number of
/// records, checksum of the rest) and records. A record is one string, front-coded: how many bytes it shares with
/// the string before it in the block (1 byte), how many follow (11 bits of 2 bytes, whose highest bit marks a
/// removal), and these. All numbers are little-endian.
package enum SortedList {
    /// The length of the longest string, in bytes.
    package static let longestByteCount = 1024

    /// The size of a block at most, in bytes, its header included.
    static let blockByteCount = 1 << 16

    /// The size of the header of a block, in bytes.
    static let blockHeaderByteCount = 16

    /// The size of the header of a list file, in bytes.
    static let fileHeaderByteCount = 64

    /// The size of what stands before the bytes of a record.
    static let recordHeaderByteCount = 3

    /// The bit of a record's length that marks a removal.
    static let removalBit: UInt16 = 0x8000

    /// A checksum of bytes that tells accidental changes: four interleaved lanes of multiplications, folded.
    static func checksum(_ bytes: UnsafeRawPointer, _ count: Int, seed: UInt64) -> UInt64 {
        var lanes = SIMD4<UInt64>(seed, ~seed, seed &+ UInt64(count), 0x9E37_79B9_7F4A_7C15)
        var position = 0
        while position &+ 32 <= count {
            for lane in 0..<4 {
                let word = bytes.loadUnaligned(fromByteOffset: position &+ lane &* 8, as: UInt64.self)
                lanes[lane] = mixed(lanes[lane], word)
            }
            position &+= 32
        }
        var sum = mixed(mixed(lanes[0], lanes[1]), mixed(lanes[2], lanes[3]))
        while position < count {
            sum = mixed(sum, UInt64(bytes.load(fromByteOffset: position, as: UInt8.self)))
            position &+= 1
        }
        return sum ^ sum &>> 29
    }

    @inline(__always)
    private static func mixed(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
        return product ^ product &>> 32
    }

    /// The first eight bytes of a string as a number that orders as they do; bytes that are not there are 0.
    @inline(__always)
    static func prefix(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
        var prefix: UInt64 = 0
        for position in 0..<count {
            let byte = UInt64(bytes.load(fromByteOffset: position, as: UInt8.self))
            prefix |= byte &<< UInt64(56 &- position &* 8)
        }
        return prefix
    }

    /// How many bytes two strings have in common at their beginning.
    @inline(__always)
    static func sharedByteCount(
        _ left: UnsafeRawPointer,
        _ leftCount: Int,
        _ right: UnsafeRawPointer,
        _ rightCount: Int
    ) -> Int {
        let limit = min(leftCount, rightCount)
        var position = 0
        while position &+ 8 <= limit {
            let difference =
                left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if difference != 0 {
                return position &+ UInt64(littleEndian: difference).trailingZeroBitCount / 8
            }
            position &+= 8
        }
        while position < limit,
            left.load(fromByteOffset: position, as: UInt8.self)
                == right.load(fromByteOffset: position, as: UInt8.self)
        {
            position &+= 1
        }
        return position
    }

    /// How two strings compare: negative, 0 or positive as the left one is before, the same or after.
    @inline(__always)
    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else {
            return left.count &- right.count
        }
        let shared = sharedByteCount(leftBase, left.count, rightBase, right.count)
        guard shared < left.count, shared < right.count else { return left.count &- right.count }
        return Int(leftBase.load(fromByteOffset: shared, as: UInt8.self))
            &- Int(rightBase.load(fromByteOffset: shared, as: UInt8.self))
    }
}
