// SPDX-License-Identifier: Apache-2.0

/// Reading UTF-8 (RFC 3629) byte by byte, without a `String`.
enum UTF8Text {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Calls a function with the UTF-8 bytes of a `String`, keeping the type of what it throws.
    static func withBytes<Result, Failure: Error>(
        of text: String,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var text = text
        let result = text.withUTF8 { bytes in
            Swift.Result { () throws(Failure) in try body(UnsafeRawBufferPointer(bytes)) }
        }
        return try result.get()
    }

    /// Whether all bytes are below 0x80.
    @inline(__always)
    static func isASCII(_ text: UnsafePointer<UInt8>, count: Int) -> Bool {
        let raw = UnsafeRawPointer(text)
        var seen: UInt64 = 0
        var position = 0
        while position &+ 8 <= count {
            seen |= raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            position &+= 8
        }
        while position < count {
            seen |= UInt64(text[position])
            position &+= 1
        }
        return seen & highBits == 0
    }

    /// Whether the bytes are well-formed UTF-8: no stray or missing bytes, no overlong form, no surrogate.
    @inline(__always)
    static func isValid(_ text: UnsafePointer<UInt8>, count: Int) -> Bool {
        isASCII(text, count: count) || isValidSlowly(text, count: count)
    }

    @inline(never)
    private static func isValidSlowly(_ text: UnsafePointer<UInt8>, count: Int) -> Bool {
        var position = 0
        while position < count {
            guard let scalar = scalar(at: position, of: text, count: count) else { return false }
            position += scalar.width
        }
        return true
    }

    /// The scalar that begins at a position, and how many bytes it takes; none if the bytes are not UTF-8.
    static func scalar(
        at position: Int,
        of text: UnsafePointer<UInt8>,
        count: Int
    ) -> (value: Unicode.Scalar, width: Int)? {
        let first = UInt32(text[position])
        let width: Int
        var value: UInt32
        let smallest: UInt32
        switch first {
        case 0..<0x80: return (Unicode.Scalar(UInt8(first)), 1)
        case 0xC2..<0xE0: (width, value, smallest) = (2, first & 0x1F, 0x80)
        case 0xE0..<0xF0: (width, value, smallest) = (3, first & 0x0F, 0x800)
        case 0xF0..<0xF5: (width, value, smallest) = (4, first & 0x07, 0x10000)
        default: return nil
        }
        guard position + width <= count else { return nil }
        for offset in 1..<width {
            let byte = UInt32(text[position + offset])
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | byte & 0x3F
        }
        guard value >= smallest, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, width)
    }

    /// The number of bytes of the white space that begins at a position, 0 if there is none.
    @inline(__always)
    static func spaceWidth(at position: Int, of text: UnsafePointer<UInt8>, count: Int) -> Int {
        let byte = text[position]
        if byte < 0x80 { return byte == 0x20 || byte &- 9 < 5 ? 1 : 0 }
        guard let scalar = scalar(at: position, of: text, count: count), isSpace(scalar.value) else {
            return 0
        }
        return scalar.width
    }

    /// The number of bytes of the white space that ends before a position, 0 if there is none.
    @inline(__always)
    static func spaceWidth(before end: Int, of text: UnsafePointer<UInt8>) -> Int {
        let byte = text[end - 1]
        if byte < 0x80 { return byte == 0x20 || byte &- 9 < 5 ? 1 : 0 }
        for width in 2...3 where end >= width {
            if let scalar = scalar(at: end - width, of: text, count: end), scalar.width == width {
                return isSpace(scalar.value) ? width : 0
            }
        }
        return 0
    }

    /// The members of White_Space beyond ASCII (Unicode Character Database, PropList).
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }
}
