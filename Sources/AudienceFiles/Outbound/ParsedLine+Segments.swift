// SPDX-License-Identifier: Apache-2.0

extension ParsedLine {
    /// The segments that the line adds, read from the block that the line was parsed in.
    package func addedSegments(in block: UnsafeRawBufferPointer) -> SegmentList {
        SegmentList(added.bytes(in: block))
    }

    /// The segments that the line removes, read from the block that the line was parsed in.
    package func removedSegments(in block: UnsafeRawBufferPointer) -> SegmentList {
        SegmentList(removed.bytes(in: block), isRemoval: true)
    }
}
