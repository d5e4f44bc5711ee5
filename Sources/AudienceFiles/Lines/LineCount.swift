// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Counting the newlines of a text.
enum LineCount {
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
