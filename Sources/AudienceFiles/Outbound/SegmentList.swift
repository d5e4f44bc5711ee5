// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A list of segments, comma-separated, as in the fields of an outbound line: `24,26,27`.
///
/// Blanks around an entry are ignored. An empty list has no entry. Iteration makes no copies and never fails;
/// ``problem`` tells whether every entry is a segment.
package struct SegmentList: Sequence {
    private let bytes: UnsafeRawBufferPointer
    private let isRemoval: Bool

    /// The list written in these bytes.
    package init(_ bytes: UnsafeRawBufferPointer, isRemoval: Bool = false) {
        self.bytes = bytes
        self.isRemoval = isRemoval
    }

    package func makeIterator() -> Iterator {
        Iterator(rest: bytes, isRemoval: isRemoval)
    }

    /// The first thing that is wrong with the list, or nil.
    package var problem: SegmentListProblem? {
        for change in self {
            if let problem = change.problem { return problem }
        }
        return nil
    }

    /// The entries of a list, one after the other.
    package struct Iterator: IteratorProtocol {
        private var rest: UnsafeRawBufferPointer?
        private let isRemoval: Bool

        fileprivate init(rest: UnsafeRawBufferPointer, isRemoval: Bool) {
            self.rest = rest.isEmpty ? nil : rest
            self.isRemoval = isRemoval
        }

        package mutating func next() -> SegmentChange? {
            guard let rest else { return nil }
            var end = rest.count
            self.rest = nil
            if let start = rest.baseAddress, let comma = memchr(start, 0x2C, rest.count) {
                end = UnsafeRawPointer(comma) - start
                self.rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            }
            var first = 0
            while first < end, rest[first] == 0x20 { first += 1 }
            while end > first, rest[end - 1] == 0x20 { end -= 1 }
            return SegmentChange(
                segment: UnsafeRawBufferPointer(rebasing: rest[first..<end]),
                isRemoval: isRemoval
            )
        }
    }
}
