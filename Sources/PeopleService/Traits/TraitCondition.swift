// SPDX-License-Identifier: Apache-2.0

import Conditions

/// What a trait rule asks of one key: `price >= 100`, `product contains "shoe"`.
package struct TraitCondition: Sendable, Hashable {
    /// The key.
    package let key: TraitKey

    /// What its values must be.
    package let test: TraitTest

    /// Asks this of the values of the key.
    package init(key: TraitKey, test: TraitTest) {
        self.key = key
        self.test = test
    }
}

extension TraitCondition: WrittenCondition {
    /// The condition in canonical form.
    package var description: String {
        switch test {
        case .equals(let operand): "\(key.name) == \(operand)"
        case .differs(let operand): "\(key.name) != \(operand)"
        case .compares(let order, let number): "\(key.name) \(order.rawValue) \(number)"
        case .contains(let text): "\(key.name) contains \(text)"
        case .startsWith(let text): "\(key.name) startswith \(text)"
        case .endsWith(let text): "\(key.name) endswith \(text)"
        case .matchesWords(let text): "\(key.name) matcheswords \(text)"
        case .matchesPattern(let pattern): "\(key.name) matchesregex \(TraitText(pattern.text))"
        }
    }
}

extension TraitTest.Operand: CustomStringConvertible {
    /// The text in quotes, or the number without.
    package var description: String {
        switch self {
        case .text(let text): text.description
        case .number(let number): number.description
        }
    }
}
