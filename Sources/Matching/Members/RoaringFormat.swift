// SPDX-License-Identifier: Apache-2.0

/// The portable format of Roaring bitmaps ("RoaringFormatSpec", version of CRoaring 0.2 and later).
///
/// The C library trusts the counts within the bytes, so they are checked here before it reads them.
enum RoaringFormat {
    static let cookieWithoutRuns: UInt32 = 12346
    static let cookieWithRuns: UInt32 = 12347
    /// With runs and fewer containers than this there are no offsets.
    private static let offsetThreshold = 4
    /// A container with more members than this is a bitset.
    static let arrayLimit = 4096

    /// Checks that the bytes are one bitmap and nothing else.
    static func check(_ bytes: UnsafeRawBufferPointer) throws(MatchingError) {
        var reader = Reader(bytes: bytes)
        let cookie = try reader.next32()
        let count: Int
        var runFlags: UnsafeRawBufferPointer?
        if cookie & 0xFFFF == cookieWithRuns {
            count = Int(cookie >> 16) + 1
            runFlags = try reader.skip((count + 7) / 8)
        } else if cookie == cookieWithoutRuns {
            count = Int(try reader.next32())
        } else {
            throw .notAMemberSet(position: 0)
        }
        guard count <= 65536 else { throw .notAMemberSet(position: 4) }
        let heads = try reader.skip(count * 4)
        let hasOffsets = runFlags == nil || count >= offsetThreshold
        let offsets = hasOffsets ? try reader.skip(count * 4) : nil
        var before = -1
        for container in 0..<count {
            let key = Int(heads.loadUnaligned(fromByteOffset: container * 4, as: UInt16.self))
            let members = Int(heads.loadUnaligned(fromByteOffset: container * 4 + 2, as: UInt16.self)) + 1
            guard key > before else { throw .notAMemberSet(position: reader.position) }
            before = key
            if let offsets {
                let offset = offsets.loadUnaligned(fromByteOffset: container * 4, as: UInt32.self)
                guard Int(offset) == reader.position else { throw .notAMemberSet(position: reader.position) }
            }
            let isRun = runFlags.map { $0[container / 8] >> UInt8(container % 8) & 1 == 1 } ?? false
            if isRun {
                try checkRuns(&reader, members)
            } else if members <= arrayLimit {
                try checkArray(&reader, members)
            } else {
                try checkBits(&reader, members)
            }
        }
        guard reader.position == bytes.count else { throw .notAMemberSet(position: reader.position) }
    }

    private static func checkRuns(_ reader: inout Reader, _ members: Int) throws(MatchingError) {
        let start = reader.position
        let runs = try reader.skip(2).loadUnaligned(as: UInt16.self)
        let pairs = try reader.skip(Int(runs) * 4)
        var end = -1
        var total = 0
        for run in 0..<Int(runs) {
            let first = Int(pairs.loadUnaligned(fromByteOffset: run * 4, as: UInt16.self))
            let more = Int(pairs.loadUnaligned(fromByteOffset: run * 4 + 2, as: UInt16.self))
            guard first > end, first + more <= 0xFFFF else { throw .notAMemberSet(position: start) }
            end = first + more
            total += more + 1
        }
        guard total == members else { throw .notAMemberSet(position: start) }
    }

    private static func checkArray(_ reader: inout Reader, _ members: Int) throws(MatchingError) {
        let start = reader.position
        let values = try reader.skip(members * 2)
        guard let base = values.baseAddress else { return }
        var falls: UInt16 = 0
        for index in 1..<max(1, members) {
            let before = base.loadUnaligned(fromByteOffset: index &* 2 &- 2, as: UInt16.self)
            let value = base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
            falls |= before < value ? 0 : 1
        }
        guard falls == 0 else { throw .notAMemberSet(position: start) }
    }

    private static func checkBits(_ reader: inout Reader, _ members: Int) throws(MatchingError) {
        let start = reader.position
        let bits = try reader.skip(8192)
        guard let base = bits.baseAddress else { return }
        var total = 0
        for word in 0..<1024 {
            total &+= base.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self).nonzeroBitCount
        }
        guard total == members else { throw .notAMemberSet(position: start) }
    }

    /// Walks over bytes and never beyond their end.
    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        mutating func skip(_ count: Int) throws(MatchingError) -> UnsafeRawBufferPointer {
            guard count <= bytes.count - position else { throw .notAMemberSet(position: bytes.count) }
            defer { position += count }
            return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
        }

        mutating func next32() throws(MatchingError) -> UInt32 { try skip(4).loadUnaligned(as: UInt32.self) }
    }
}
