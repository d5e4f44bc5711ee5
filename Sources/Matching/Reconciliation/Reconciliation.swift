// SPDX-License-Identifier: Apache-2.0

/// What became of the ID of one line.
package struct Reconciliation: Hashable, Sendable {
    /// How the reconciliation of an ID ends.
    package enum Outcome: UInt8, Sendable, CaseIterable {
        /// The ID stands for one or more profiles.
        case matched
        /// The ID is well-formed and stands for no profile.
        case unknown
        /// The ID is not of its data source's form.
        case malformed
        /// The ID could not be decrypted to a text of the right form.
        case undecryptable
        /// The ID was decrypted to an address; no profile was asked for or none has it.
        case address
    }

    /// Why an ID is malformed or undecryptable.
    package enum Reason: UInt8, Sendable, CaseIterable {
        /// Nothing is wrong.
        case none
        /// It has too few or too many characters.
        case wrongLength
        /// It is neither hexadecimal nor base64.
        case notHex
        /// It has characters other than decimal digits.
        case notDigits
        /// It has a control character, a tab, `:` or `%3A`.
        case forbiddenCharacter
        /// It, or its decrypted text, is not UTF-8.
        case invalidText
        /// The padding of the decrypted text is wrong: another key, or a damaged ID.
        case badPadding
        /// The decrypted text is not an address of the rule's form.
        case notAnAddress
    }

    /// How it ended.
    package var outcome: Outcome
    /// Why, for a malformed or undecryptable ID.
    package var reason: Reason
    /// The place and value in the index; ``IDIndex/Entry/none`` unless matched.
    package var entry: IDIndex.Entry

    /// Makes the account of one line.
    ///
    /// - Parameters:
    ///   - outcome: How it ended.
    ///   - reason: Why.
    ///   - entry: The place and value in the index.
    package init(_ outcome: Outcome, _ reason: Reason = .none, entry: IDIndex.Entry = .none) {
        self.outcome = outcome
        self.reason = reason
        self.entry = entry
    }
}
