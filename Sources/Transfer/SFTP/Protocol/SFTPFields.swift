// SPDX-License-Identifier: Apache-2.0

/// The rest of a packet, read field by field (RFC 4251, section 5); a field that is not all there gives nothing.
struct SFTPFields {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func number32() -> UInt32? {
        number(byteCount: 4).map(UInt32.init(truncatingIfNeeded:))
    }

    mutating func number64() -> UInt64? {
        number(byteCount: 8)
    }

    mutating func string() -> [UInt8]? {
        guard let count = number32(), Int(count) <= rest.count else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }

    /// Everything that has not been read.
    func remainder() -> [UInt8] { Array(rest) }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func number(byteCount: Int) -> UInt64? {
        guard rest.count >= byteCount else { return nil }
        defer { rest = rest.dropFirst(byteCount) }
        return rest.prefix(byteCount).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
