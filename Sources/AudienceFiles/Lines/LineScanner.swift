// SPDX-License-Identifier: Apache-2.0

/// The single pass that cuts a block into lines and finds their separators.
enum LineScanner {
    /// Calls `take` with each line in order; the last one may lack its newline.
    ///
    /// Eight bytes are looked at together. A byte matters if it is at most 0x20 (newline, tab, blank, NUL) or not
    /// ASCII; all others, which is nearly everything, are passed over.
    @inline(__always)
    static func scan(_ bytes: UnsafeRawBufferPointer, take: (LineShape) -> Void) {
        precondition(bytes.count <= Int(UInt32.max), "a block is smaller than 4 GiB")
        guard let base = bytes.baseAddress else { return }
        var shape = LineShape()
        shape.begin(at: 0)
        var position = 0
        while position &+ 8 <= bytes.count {
            var hits = Self.hits(in: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            while hits != 0 {
                visit(position &+ hits.trailingZeroBitCount >> 3, of: base, shape: &shape, take: take)
                hits &= hits &- 1
            }
            position &+= 8
        }
        while position < bytes.count {
            visit(position, of: base, shape: &shape, take: take)
            position &+= 1
        }
        if shape.start < bytes.count { finish(&shape, at: bytes.count, of: base, take: take) }
    }

    /// The top bit of each byte that matters, the first byte lowest.
    @inline(__always)
    private static func hits(in word: UInt64) -> UInt64 {
        let word = UInt64(littleEndian: word)
        let top: UInt64 = 0x8080_8080_8080_8080
        // With its top bit set no byte borrows from the next; the bit survives from 0x21 on.
        let aboveBlank = (word | top) &- 0x2121_2121_2121_2121
        return (~aboveBlank | word) & top
    }

    @inline(__always)
    private static func visit(
        _ position: Int,
        of base: UnsafeRawPointer,
        shape: inout LineShape,
        take: (LineShape) -> Void
    ) {
        let byte = base.load(fromByteOffset: position, as: UInt8.self)
        guard byte == 0x0A else { return shape.note(byte, at: position) }
        finish(&shape, at: position, of: base, take: take)
        shape.begin(at: position &+ 1)
    }

    @inline(__always)
    private static func finish(
        _ shape: inout LineShape,
        at position: Int,
        of base: UnsafeRawPointer,
        take: (LineShape) -> Void
    ) {
        let endsInReturn =
            position > shape.start && base.load(fromByteOffset: position &- 1, as: UInt8.self) == 0x0D
        shape.end = endsInReturn ? position &- 1 : position
        take(shape)
    }
}
