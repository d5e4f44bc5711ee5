// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Counting the newlines of a text.
enum LineCount {
    /// The number of newlines, counted sixteen bytes at a time.
    static func newlines(in text: UnsafeRawBufferPointer) -> Int {
        guard let start = text.baseAddress else { return 0 }
        let newline = SIMD16<UInt8>(repeating: 0x0A)
        var count = 0
        var position = 0
        while position + 16 <= text.count {
            // A lane holds at most 255 hits before it is added up.
            var lanes = SIMD16<UInt8>()
            let end = min(text.count - 15, position + 255 * 16)
            while position < end {
                let bytes = start.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
                lanes.replace(with: lanes &+ 1, where: bytes .== newline)
                position += 16
            }
            count += Int(SIMD16<UInt16>(truncatingIfNeeded: lanes).wrappedSum())
        }
        while position < text.count {
            if text[position] == 0x0A { count += 1 }
            position += 1
        }
        return count
    }

    /// The number of newlines.
    static func lines(in text: UnsafeRawBufferPointer) -> Int {
        lines(in: text, limit: .max).count
    }

    /// The number of newlines, and the first line, from 0, that is longer than the limit without its newline.
    static func lines(in text: UnsafeRawBufferPointer, limit: Int) -> (count: Int, tooLong: Int?) {
        guard let start = text.baseAddress else { return (0, nil) }
        var count = 0
        var tooLong: Int?
        var position = 0
        while position < text.count, let found = memchr(start + position, 0x0A, text.count - position) {
            let newline = UnsafeRawPointer(found) - start
            if newline - position > limit, tooLong == nil { tooLong = count }
            count += 1
            position = newline + 1
        }
        return (count, tooLong)
    }
}
