// SPDX-License-Identifier: Apache-2.0

/// The identity of one `Subject`, as written in URLs, commands and tables.
///
/// The type parameter keeps two identities from being swapped.
package struct Identifier<Subject>: Hashable, Sendable, CustomStringConvertible {
    /// The text of the identity, like `AUD12`.
    package let rawValue: String

    /// Wraps the text of an identity.
    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Identifier: Comparable {
    /// Orders `AUD2` before `AUD10`: shorter texts first, then by character.
    package static func < (left: Self, right: Self) -> Bool {
        (left.rawValue.utf8.count, left.rawValue) < (right.rawValue.utf8.count, right.rawValue)
    }
}
