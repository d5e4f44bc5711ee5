// SPDX-License-Identifier: Apache-2.0

/// The ID of an organization, like Adobe's `5DC5123F5245B1D20A490D46@AdobeOrg` or one of one's own, like `shop` and
/// `shop@example`.
///
/// Adobe's IDs are 24 upper-case hex digits and `@AdobeOrg` (Audience Manager, "index of IDs"). In an exchange of one's
/// own any name will do, if both sides write it alike. Upper and lower case differ.
package struct OrganizationID: Hashable, Sendable, CustomStringConvertible {
    /// What IDs look like, for people.
    package static let form =
        "An organization's ID is made of letters, digits, '.', '-' and '_', and may have an ending like @AdobeOrg; "
        + "Adobe's look like 5DC5123F5245B1D20A490D46@AdobeOrg."

    /// The ID as it is written.
    package let text: String

    /// Reads an ID.
    ///
    /// - Parameter text: The ID as it is written, at most 64 characters before and behind `@`; anything else gives
    ///   nothing. With `@AdobeOrg`, it has to be one of Adobe's.
    package init?(_ text: String) {
        let word = /[A-Za-z0-9][A-Za-z0-9._-]{0,63}(@[A-Za-z0-9][A-Za-z0-9._-]{0,63})?/
        guard text.wholeMatch(of: word) != nil,
            !text.hasSuffix("@AdobeOrg") || text.wholeMatch(of: /[0-9A-F]{24}@AdobeOrg/) != nil
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
