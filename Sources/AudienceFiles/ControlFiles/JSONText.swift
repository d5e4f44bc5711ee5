// SPDX-License-Identifier: Apache-2.0

/// Text as it stands between the quotation marks of a JSON string (RFC 8259, section 7).
enum JSONText {
    /// The bytes with quotation marks, backslashes and control characters escaped.
    static func escaped(_ text: some Sequence<UInt8>) -> [UInt8] {
        var json: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                json += Array(("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
            default: json.append(byte)
            }
        }
        return json
    }
}
