// SPDX-License-Identifier: Apache-2.0

/// The ID of an organization: 24 upper-case hex digits, `@` and letters, like `5DC5123F5245B1D20A490D46@AdobeOrg`.
///
/// Audience Manager, "index of IDs"; ours may have another ending. Upper and lower case differ.
package struct OrganizationID: Hashable, Sendable, CustomStringConvertible {
    /// The ID as it is written.
    package let text: String

    /// Reads an ID.
    ///
    /// - Parameter text: The ID as it is written; anything else gives nothing.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 24,
            parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }),
            !parts[1].isEmpty,
            parts[1].utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) })
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
