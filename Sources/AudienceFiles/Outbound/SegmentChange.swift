// SPDX-License-Identifier: Apache-2.0

/// One entry of a list: a segment that the person is in now, or no longer.
///
/// The bytes belong to the block that the list was read from and are gone when it is recycled.
package struct SegmentChange {
    /// The segment's number in decimal digits, or its alias, as written.
    package let segment: UnsafeRawBufferPointer

    /// Whether the person has left the segment.
    package let isRemoval: Bool

    /// The segment's number, or nil when the segment is written as an alias.
    package var number: UInt64? { DecimalDigits.value(of: segment) }

    /// The segment as text.
    package var text: String { String(decoding: segment, as: UTF8.self) }

    /// Why the entry is no segment, or nil when it is one.
    package var problem: SegmentListProblem? {
        if segment.isEmpty { return .emptyEntry }
        if segment.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return .separatorInside }
        return UTF8Text.isValid(segment) ? nil : .invalidUTF8
    }
}

/// Why a list cannot be used.
package enum SegmentListProblem: Sendable, Hashable {
    /// Nothing stands between two commas, or before the first or behind the last one.
    case emptyEntry

    /// An entry holds a blank, a tab or a control character.
    case separatorInside

    /// An entry is not UTF-8.
    case invalidUTF8
}
