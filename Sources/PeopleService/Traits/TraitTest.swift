// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a trait rule asks of the values of a key.
///
/// A key may come several times in a line. `differs` holds if the key is there and none of its values is the given
/// one; all others hold if one of its values passes, as Audience Manager defines its operators over "the value in a
/// key-value pair".
package enum TraitTest: Sendable, Hashable {
    /// How a value is compared with a number.
    package enum Order: String, Sendable, CaseIterable {
        /// The value is less than the number.
        case less = "<"
        /// The value is the number or less.
        case lessOrEqual = "<="
        /// The value is greater than the number.
        case greater = ">"
        /// The value is the number or greater.
        case greaterOrEqual = ">="
    }

    /// What a value may be equal to.
    package enum Operand: Sendable, Hashable {
        /// A text: `"0052"` is not `"52"`.
        case text(TraitText)
        /// A number written without quotes: `1` is `1.0`; no value that is not a number equals it.
        case number(TraitNumber)
    }

    /// A value equals this one (`==`).
    case equals(Operand)
    /// The key is there, and none of its values equals this one (`!=`).
    case differs(Operand)
    /// A value is a number and compares like this (`<`, `<=`, `>`, `>=`, also `=>`).
    case compares(Order, TraitNumber)
    /// A value contains the text (`contains`).
    case contains(TraitText)
    /// A value starts with the text (`startswith`).
    case startsWith(TraitText)
    /// A value ends with the text (`endswith`).
    case endsWith(TraitText)
    /// A value contains the text with no letter, digit or underscore right before or behind it (`matcheswords`).
    ///
    /// Whatever is not ASCII counts as a letter.
    case matchesWords(TraitText)
    /// A value matches the regular expression as a whole (`matchesregex`).
    case matchesPattern(TraitPattern)
}

extension TraitTest {
    /// Whether the test must hold for every value of the key instead of for one.
    var asksAllValues: Bool {
        if case .differs = self { true } else { false }
    }

    /// Whether one value passes.
    ///
    /// - Parameters:
    ///   - value: The value as it came.
    ///   - folded: The value without regard to case.
    ///   - patterns: What matches regular expressions.
    /// - Returns: Whether it passes; where a regular expression reaches a limit, it does not.
    func passes(
        _ value: UnsafeRawBufferPointer,
        folded: UnsafeRawBufferPointer,
        _ patterns: PatternMatching
    ) -> Bool {
        switch self {
        case .equals(let operand): Self.isEqual(folded, operand)
        case .differs(let operand): !Self.isEqual(folded, operand)
        case .compares(let order, let number): TraitNumber(value).map { order.holds($0, number) } ?? false
        case .contains(let text): Self.position(of: text.folded, in: folded) != nil
        case .startsWith(let text): folded.starts(with: text.folded)
        case .endsWith(let text): folded.suffix(text.folded.count).elementsEqual(text.folded)
        case .matchesWords(let text): Self.hasWords(text.folded, in: folded)
        case .matchesPattern(let pattern): patterns.matches(value, pattern)
        }
    }

    private static func isEqual(_ folded: UnsafeRawBufferPointer, _ operand: Operand) -> Bool {
        switch operand {
        case .text(let text): folded.elementsEqual(text.folded)
        case .number(let number): TraitNumber(folded) == number
        }
    }

    private static func position(of text: [UInt8], in value: UnsafeRawBufferPointer, from start: Int = 0)
        -> Int?
    {
        guard let base = value.baseAddress, let first = text.first else { return nil }
        var position = start
        while position + text.count <= value.count,
            let found = memchr(base + position, Int32(first), value.count - text.count - position + 1)
        {
            if memcmp(found, text, text.count) == 0 { return UnsafeRawPointer(found) - base }
            position = UnsafeRawPointer(found) - base + 1
        }
        return nil
    }

    private static func hasWords(_ text: [UInt8], in value: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        while let position = position(of: text, in: value, from: start) {
            let end = position + text.count
            let isFree =
                (position == 0 || !isWord(value[position - 1])) && (end == value.count || !isWord(value[end]))
            if isFree { return true }
            start = position + 1
        }
        return false
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF: true
        default: false
        }
    }
}

extension TraitTest.Order {
    /// Whether two numbers are in this order.
    fileprivate func holds(_ value: TraitNumber, _ number: TraitNumber) -> Bool {
        switch self {
        case .less: value < number
        case .lessOrEqual: value <= number
        case .greater: value > number
        case .greaterOrEqual: value >= number
        }
    }
}
