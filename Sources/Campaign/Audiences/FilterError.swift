// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Why a text is not a filter, and where.
///
/// Holds names of fields, never values of the text, which may be a person's.
package struct FilterError: Error, Sendable, Hashable {
    /// What may stand at a place of a filter.
    package enum Expectation: String, Sendable {
        /// The start of a condition.
        case condition = "a field name, \"not\" or \"(\""
        /// The operator behind a field.
        case comparison = "=, !=, <, <=, >, >=, in, like or is"
        /// What follows `in`.
        case openingParenthesis = "\"(\" with a list of values"
        /// What follows a value of a list.
        case listSeparator = "\",\" or \")\""
        /// What follows `not` behind a field.
        case inOrLike = "in or like"
        /// What follows `is`.
        case empty = "empty or not empty"
        /// What follows `like`.
        case pattern = "a text in quotes, where % stands for any text"
    }

    /// What is wrong.
    package enum Kind: Sendable, Hashable {
        /// What is wrong in any language of conditions.
        case syntax(SyntaxFault)
        /// `and` and `or` alternate more often than this.
        case tooManyAlternations(limit: Int)
        /// Something else was expected.
        case expected(Expectation)
        /// No field has this name; the nearest one, if any is near.
        case unknownField(nearest: String?)
        /// The field takes other values.
        case wrongValue(field: String, expected: String)
        /// The operator makes no sense for the field.
        case operatorNotAllowed(field: String, allowed: String)
        /// A pattern longer than so many bytes.
        case patternTooLong(limit: Int)
    }

    /// What is wrong.
    package let kind: Kind

    /// The position in the text, in characters, 1-based.
    package let column: Int
}

extension FilterError: CustomStringConvertible {
    /// The position and the reason in words.
    package var description: String {
        "column \(column): \(reason)"
    }

    /// The reason in words, without the position.
    package var reason: String {
        switch kind {
        case .syntax(let fault): fault.reason(of: "filter")
        case .tooManyAlternations(let limit): "and and or are nested in each other more than \(limit) times"
        case .expected(let expectation): "expected \(expectation.rawValue)"
        case .unknownField(let nearest?): "there is no such field; did you mean \(nearest)?"
        case .unknownField(nil): "there is no such field"
        case .wrongValue(let field, let expected): "\(field) is compared with \(expected)"
        case .operatorNotAllowed(let field, let allowed): "\(field) can only be used with \(allowed)"
        case .patternTooLong(let limit): "the pattern is longer than \(limit) bytes"
        }
    }
}

extension FilterError: SyntaxError {
    package init(_ fault: SyntaxFault, column: Int) {
        self.init(kind: .syntax(fault), column: column)
    }
}
