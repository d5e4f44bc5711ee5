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

    /// Some members with the same upper half.
    struct Container {
        /// How the members are written.
        enum Form {
            /// Their lower halves, ascending.
            case array
            /// A bit for each of 65,536.
            case bits
            /// The number of ranges, then of each the first one and how many follow it.
            case runs
        }

        /// The upper half.
        let key: Int
        /// How many members it says to have.
        let count: Int
        let form: Form
        /// The members.
        let bytes: UnsafeRawBufferPointer
        /// Where they end within the bitmap.
        let end: Int
    }

    /// Checks that the bytes are one bitmap and nothing else.
    static func check(_ bytes: UnsafeRawBufferPointer) throws(MatchingError) {
        try forEachContainer(of: bytes) { container throws(MatchingError) in
            let isGood =
                switch container.form {
                case .array: isAscending(container)
                case .bits: hasBits(container)
                case .runs: hasRuns(container)
                }
            guard isGood else { throw .notAMemberSet(position: container.end - container.bytes.count) }
        }
    }

    /// Calls a function with each container, and checks all of the bitmap but what the containers hold.
    ///
    /// - Parameters:
    ///   - bytes: One bitmap.
    ///   - body: Is given the containers, ascending; their bytes are within the bitmap, whatever these say.
    /// - Throws: ``MatchingError/notAMemberSet(position:)``, or what the function throws.
    static func forEachContainer(
        of bytes: UnsafeRawBufferPointer,
        _ body: (Container) throws(MatchingError) -> Void
    ) throws(MatchingError) {
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
            let form: Container.Form = isRun ? .runs : members <= arrayLimit ? .array : .bits
            let content = try reader.skip(try reader.byteCount(of: form, members))
            try body(
                Container(key: key, count: members, form: form, bytes: content, end: reader.position)
            )
        }
        guard reader.position == bytes.count else { throw .notAMemberSet(position: reader.position) }
    }

    private static func hasRuns(_ container: Container) -> Bool {
        var end = -1
        var total = 0
        for run in 0..<container.runCount {
            let (first, last) = container.run(run)
            guard first > end, last <= 0xFFFF else { return false }
            end = last
            total += last - first + 1
        }
        return total == container.count
    }

    private static func isAscending(_ container: Container) -> Bool {
        guard let base = container.bytes.baseAddress else { return false }
        var falls: UInt16 = 0
        for index in 1..<max(1, container.count) {
            let before = base.loadUnaligned(fromByteOffset: index &* 2 &- 2, as: UInt16.self)
            let value = base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
            falls |= before < value ? 0 : 1
        }
        return falls == 0
    }

    private static func hasBits(_ container: Container) -> Bool {
        guard let base = container.bytes.baseAddress else { return false }
        var total = 0
        for word in 0..<1024 {
            total &+= base.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self).nonzeroBitCount
        }
        return total == container.count
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

        /// How many bytes members take that come next.
        func byteCount(of form: Container.Form, _ members: Int) throws(MatchingError) -> Int {
            switch form {
            case .array: return members * 2
            case .bits: return 8192
            case .runs:
                guard position + 2 <= bytes.count else { throw .notAMemberSet(position: bytes.count) }
                return 2 + Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self)) * 4
            }
        }

        mutating func next32() throws(MatchingError) -> UInt32 { try skip(4).loadUnaligned(as: UInt32.self) }
    }
}

extension RoaringFormat.Container {
    /// How many ranges there are, where they are kept as such.
    var runCount: Int { bytes.count / 4 }

    /// The lower halves of the first and the last number of a range.
    @inline(__always)
    func run(_ number: Int) -> (first: Int, last: Int) {
        let first = Int(bytes.loadUnaligned(fromByteOffset: 2 &+ number &* 4, as: UInt16.self))
        return (first, first &+ Int(bytes.loadUnaligned(fromByteOffset: 4 &+ number &* 4, as: UInt16.self)))
    }
}
