// SPDX-License-Identifier: Apache-2.0

/// A pattern of `like`: `%` stands for any text, `_` for one character, `\` before either or itself takes it literally.
///
/// Patterns are case-sensitive and match the whole field; a character is a Unicode code point.
package struct FilterPattern: Sendable, Hashable {
    /// One step of a pattern.
    package enum Part: Sendable, Hashable {
        /// Exactly this character.
        case literal(Unicode.Scalar)
        /// Exactly one character.
        case one
        /// Any number of characters.
        case any
    }

    /// The greatest length, in bytes of UTF-8.
    package static let byteLimit = 4096

    /// The pattern as it was written.
    package let text: String

    /// The steps of the pattern.
    package var parts: [Part] {
        var parts: [Part] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\" where !isEscaped:
                isEscaped = true
                continue
            case "%" where !isEscaped:
                if parts.last != .any { parts.append(.any) }
            case "_" where !isEscaped:
                parts.append(.one)
            case "%", "_", "\\":
                parts.append(.literal(scalar))
            default:
                if isEscaped { parts.append(.literal("\\")) }
                parts.append(.literal(scalar))
            }
            isEscaped = false
        }
        if isEscaped { parts.append(.literal("\\")) }
        return parts
    }

    /// The pattern for SQLite's GLOB operator, which is case-sensitive where its LIKE is not.
    package var glob: String {
        var glob = ""
        for part in parts {
            switch part {
            case .any: glob += "*"
            case .one: glob += "?"
            case .literal("*"): glob += "[*]"
            case .literal("?"): glob += "[?]"
            case .literal("["): glob += "[[]"
            case .literal(let scalar): glob.unicodeScalars.append(scalar)
            }
        }
        return glob
    }
}
