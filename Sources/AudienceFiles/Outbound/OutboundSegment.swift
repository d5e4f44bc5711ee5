// SPDX-License-Identifier: Apache-2.0

/// A segment as the lines of a destination name it.
package struct OutboundSegment: Sendable, Hashable {
    /// What the receiver knows the segment by; often its number.
    package let alias: String

    /// The segment's number.
    package let number: Int

    /// The last change of its members in milliseconds since 1970, UTC.
    package let lastUpdateTime: Int64

    /// A segment made from its parts.
    package init(alias: String, number: Int, lastUpdateTime: Int64 = 0) {
        self.alias = alias
        self.number = number
        self.lastUpdateTime = lastUpdateTime
    }

    /// Whether ``SegmentList`` reads the alias back: not empty, and no blank, comma or control character.
    var hasWritableAlias: Bool {
        !alias.isEmpty && alias.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ",") }
    }
}
