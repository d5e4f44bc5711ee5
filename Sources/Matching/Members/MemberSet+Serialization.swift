// SPDX-License-Identifier: Apache-2.0

import CRoaring

extension MemberSet {
    /// The set in the portable format of Roaring bitmaps ("RoaringFormatSpec"), the same bytes for the same members.
    ///
    /// - Returns: The bytes, as ``init(serialized:)`` reads them.
    package func serialized() -> [UInt8] {
        let byteCount = roaring_bitmap_portable_size_in_bytes(pointer)
        return [UInt8](unsafeUninitializedCapacity: byteCount) { room, count in
            room.withMemoryRebound(to: CChar.self) { room in
                count = roaring_bitmap_portable_serialize(pointer, room.baseAddress)
            }
        }
    }

    /// How many bytes ``serialized()`` gives.
    package var serializedByteCount: Int { roaring_bitmap_portable_size_in_bytes(pointer) }

    /// Reads a set in the portable format.
    ///
    /// - Parameter bytes: One set and nothing else; every count and every order in it is checked.
    /// - Throws: ``MatchingError/notAMemberSet(position:)`` with the place where the bytes are wrong.
    package init(serialized bytes: [UInt8]) throws(MatchingError) {
        self = try bytes.withUnsafeBufferPointer { bytes throws(MatchingError) in
            try MemberSet(serialized: UnsafeRawBufferPointer(bytes))
        }
    }

    /// Reads a set in the portable format, as above.
    ///
    /// - Parameter bytes: One set and nothing else.
    /// - Throws: ``MatchingError/notAMemberSet(position:)`` with the place where the bytes are wrong.
    package init(serialized bytes: UnsafeRawBufferPointer) throws(MatchingError) {
        try RoaringFormat.check(bytes)
        let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard let made = roaring_bitmap_portable_deserialize_safe(text, bytes.count) else {
            throw .notAMemberSet(position: bytes.count)
        }
        self.init(owning: made)
    }
}
