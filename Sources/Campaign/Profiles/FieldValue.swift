// SPDX-License-Identifier: Apache-2.0

/// A field's value on its way between a file and the database: 16 bytes, text by reference.
///
/// A text points into the block of the file it came from and is valid as long as that block is.
struct FieldValue {
    enum Kind: UInt8 {
        case empty
        case text
        case integer
        case real
    }

    let kind: Kind
    private let length: Int32
    private let bits: UInt64

    static let empty = FieldValue(kind: .empty, length: 0, bits: 0)

    static func integer(_ value: Int64) -> FieldValue {
        FieldValue(kind: .integer, length: 0, bits: UInt64(bitPattern: value))
    }

    static func real(_ value: Double) -> FieldValue {
        FieldValue(kind: .real, length: 0, bits: value.bitPattern)
    }

    static func text(_ bytes: UnsafeRawBufferPointer) -> FieldValue {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return .empty }
        return FieldValue(
            kind: .text,
            length: Int32(bytes.count),
            bits: UInt64(UInt(bitPattern: base))
        )
    }

    private init(kind: Kind, length: Int32, bits: UInt64) {
        self.kind = kind
        self.length = length
        self.bits = bits
    }

    var integer: Int64 { Int64(bitPattern: bits) }

    var real: Double { Double(bitPattern: bits) }

    /// The text's bytes; empty for values of other kinds.
    var bytes: UnsafeRawBufferPointer {
        guard kind == .text else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(bits)), count: Int(length))
    }
}
