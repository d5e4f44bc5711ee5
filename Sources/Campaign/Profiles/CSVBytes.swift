// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The bytes that mean something in CSV, and the searches for them.
enum CSVBytes {
    static let quote: UInt8 = 0x22
    static let newline: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D

    /// Finds a byte.
    ///
    /// - Returns: The first position in `start..<end` that holds the byte, or `end`.
    @inline(__always)
    static func find(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        guard start < end, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(byte), end - start)
        else { return end }
        return UnsafeRawPointer(found) - base
    }

    /// Whether the bytes are all ASCII.
    static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position + 32 <= bytes.count {
            let lanes = bytes.loadUnaligned(fromByteOffset: position, as: SIMD4<UInt64>.self)
            guard (lanes[0] | lanes[1] | lanes[2] | lanes[3]) & 0x8080_8080_8080_8080 == 0 else {
                return false
            }
            position += 32
        }
        while position < bytes.count {
            guard bytes[position] < 0x80 else { return false }
            position += 1
        }
        return true
    }

    /// Finds the first byte that is not part of well-formed UTF-8 (Unicode 15, table 3-7).
    ///
    /// - Returns: Its position, or nil when all of the bytes are UTF-8.
    static func invalidUTF8(in bytes: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        let count = bytes.count
        while position < count {
            if position + 8 <= count,
                bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                position += 8
                continue
            }
            let lead = bytes[position]
            if lead < 0x80 {
                position += 1
                continue
            }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                if lead == 0xE0 { second = 0xA0...0xBF }
                if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if lead == 0xF0 { second = 0x90...0xBF }
                if lead == 0xF4 { second = 0x80...0x8F }
            default: return position
            }
            guard position + length <= count, second.contains(bytes[position + 1]) else { return position }
            for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 { return position }
            position += length
        }
        return nil
    }
}
