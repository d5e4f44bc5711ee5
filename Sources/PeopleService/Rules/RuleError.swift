// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Why a text is not a rule of a trait or of a segment, and where.
///
/// Holds nothing of the text, whose values may be a person's.
package struct RuleError: Error, Sendable, Hashable {
    /// What may stand at a place of a rule.
    package enum Expectation: String, Sendable {
        /// The start of a condition over signals.
        case signalCondition = "a key, \"not\" or \"(\""
        /// The operator behind a key.
        case comparison =
            "==, !=, <, <=, >, >=, contains, startswith, endswith, matchesregex or matcheswords"
        /// What a key is compared with.
        case value = "a text in quotes, a word or a number"
        /// What `<` and its kin compare with.
        case number = "a number like 12.5"
        /// The start of a condition over traits.
        case traitCondition = "a trait like 101T, frequency, recency, \"not\" or \"(\""
        /// What follows `frequency` and `recency`.
        case traitList = "traits in parentheses and brackets, like ([101T, 102T])"
        /// A trait.
        case trait = "a trait like 101T"
        /// What follows a trait of a list.
        case listSeparator = "\",\" or \"]\""
        /// What follows the traits of `recency`.
        case window = "<= or >= and a number of days like 5D"
        /// What follows the traits of `frequency`.
        case windowOrEnd = "<= or >= and a number of days like 5D, or \")\""
        /// What follows `<=` or `>=` in a window.
        case days = "a number of days like 5D, at least 1D"
        /// The end of `frequency` or `recency`.
        case windowEnd = "\")\""
        /// What follows `frequency(…)`.
        case countComparison = ">=, <= or =="
        /// What the number of realizations is compared with.
        case count = "a whole number like 3"
    }

    /// What is wrong.
    package enum Kind: Sendable, Hashable {
        /// What is wrong in any language of conditions.
        case syntax(SyntaxFault)
        /// Something else was expected.
        case expected(Expectation)
        /// A key has other characters than letters, digits, hyphens and underscores, or no letter.
        case keyName
        /// Nothing stands between the quotes behind an operator that looks for something.
        case emptyText
        /// A regular expression longer than so many bytes.
        case patternTooLong(limit: Int)
        /// A regular expression that does not compile, in PCRE2's words.
        case pattern(reason: String)
        /// The rule would hold without any signal, or for a person without any trait.
        case holdsForNothing
    }

    /// What is wrong.
    package let kind: Kind

    /// The position in the text, in characters, 1-based.
    package let column: Int
}

extension RuleError: CustomStringConvertible {
    /// The position and the reason in words.
    package var description: String {
        "column \(column): \(reason)"
    }

    /// The reason in words, without the position.
    package var reason: String {
        switch kind {
        case .syntax(let fault): fault.reason(of: "rule")
        case .expected(let expectation): "expected \(expectation.rawValue)"
        case .keyName: "a key is made of letters, digits, - and _, with at least one letter"
        case .emptyText: "this operator needs a text that is not empty"
        case .patternTooLong(let limit): "the regular expression is longer than \(limit) bytes"
        case .pattern(let reason): "the regular expression does not compile: \(reason)"
        case .holdsForNothing:
            "the rule would hold where nothing is known; join it by \"and\" to something that must be there"
        }
    }
}

extension RuleError: SyntaxError {
    package init(_ fault: SyntaxFault, column: Int) {
        self.init(kind: .syntax(fault), column: column)
    }
}
