// SPDX-License-Identifier: Apache-2.0

/// A text that a trait rule looks for in values, without regard to case.
package struct TraitText: Sendable, Hashable {
    /// The text as it was written.
    package let written: String

    /// The text as values are compared with it.
    let folded: [UInt8]

    /// The text written like this.
    package init(_ written: String) {
        self.written = written
        folded = CaseFolding.folded(written)
    }
}

extension TraitText: CustomStringConvertible {
    /// The text in quotes, as a rule holds it.
    package var description: String {
        var literal = Array("\"".utf8)
        for byte in written.utf8 {
            if byte == UInt8(ascii: "\"") { literal.append(byte) }
            literal.append(byte)
        }
        literal.append(UInt8(ascii: "\""))
        return String(decoding: literal, as: UTF8.self)
    }
}
