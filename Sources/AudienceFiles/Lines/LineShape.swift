// SPDX-License-Identifier: Apache-2.0

/// What one pass over a line has found: where it lies, its first separators and whether it needs a closer look.
struct LineShape {
    /// The position of the first byte.
    var start = 0

    /// The position behind the last byte, without a carriage return.
    var end = 0

    var tabCount = 0
    var firstTab = 0
    var secondTab = 0
    var spaceCount = 0
    var firstSpace = 0
    var secondSpace = 0
    var hasNUL = false
    var hasHighBytes = false

    @inline(__always)
    mutating func begin(at position: Int) {
        start = position
        tabCount = 0
        spaceCount = 0
        hasNUL = false
        hasHighBytes = false
    }

    /// Takes note of a byte that is a control character, a blank or not ASCII.
    @inline(__always)
    mutating func note(_ byte: UInt8, at position: Int) {
        if byte == 0x20 {
            secondSpace = spaceCount == 1 ? position : secondSpace
            firstSpace = spaceCount == 0 ? position : firstSpace
            spaceCount &+= 1
        } else if byte == 0x09 {
            secondTab = tabCount == 1 ? position : secondTab
            firstTab = tabCount == 0 ? position : firstTab
            tabCount &+= 1
        } else if byte >= 0x80 {
            hasHighBytes = true
        } else if byte == 0 {
            hasNUL = true
        }
    }

    /// The stretch of the whole line.
    @inline(__always)
    var span: ByteSpan { ByteSpan(start, end) }

    /// What is wrong with the line whatever its form.
    @inline(__always)
    var problem: LineProblem {
        if start == end { return .emptyLine }
        if end &- start > LineLimits.lineByteCount { return .tooLong }
        return hasNUL ? .nulByte : .none
    }
}
