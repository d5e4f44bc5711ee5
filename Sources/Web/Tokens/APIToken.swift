// SPDX-License-Identifier: Apache-2.0

/// A token with which a program uses an API; of the token's text only a digest is kept.
package struct APIToken: Sendable, Equatable {
    /// What a token lets its bearer do.
    package enum Access: String, Sendable {
        /// Look at everything.
        case read
        /// Change things too.
        case write
    }

    /// The number that names it; its text is never shown again.
    package let number: Int
    /// The name for people, like that of the program which uses it.
    package let name: String
    /// What it is good for.
    package let access: Access
    /// Whether it also shows the texts of rejected lines, which hold IDs of people.
    package let readsRejectedLines: Bool
    /// When it was made, in milliseconds since 1970.
    package let created: Int64
    /// From when on it is refused, in milliseconds since 1970.
    package let expires: Int64
    /// When it was last used, to the minute, in milliseconds since 1970; `nil` if never.
    package let lastUsed: Int64?

    /// The ID in commands, like `T3`.
    package var id: String { "T\(number)" }

    /// Whether it is past its time.
    ///
    /// - Parameter now: The current time, in milliseconds since 1970.
    /// - Returns: Whether it is refused.
    package func hasExpired(at now: Int64) -> Bool { expires <= now }
}
