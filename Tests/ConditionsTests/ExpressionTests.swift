// SPDX-License-Identifier: Apache-2.0

import Conditions
import Testing

/// A language whose conditions are single letters, with `no` before a letter as its own word for a negation.
private struct Letter: WrittenCondition, Hashable {
    let name: String

    var description: String { name }
    var negatedDescription: String { "no \(name)" }

    static func parse(_ text: String) throws(LetterError) -> BooleanExpression<Letter> {
        let syntax = TokenSyntax(
            signs: ["(", ")", "<", "<="],
            synonyms: ["=<": "<="],
            wordStart: TokenSyntax.letters,
            wordRest: TokenSyntax.letters,
            literalStart: TokenSyntax.digits,
            literalRest: TokenSyntax.digits + "."
        )
        var reader = try ExpressionReader<LetterError>(text, syntax)
        return try reader.expression { reader throws(LetterError) in
            let isNegated = reader.skip(word: "no")
            guard case .word(let name) = reader.next.kind, name.count == 1 else {
                throw LetterError(kind: nil, column: reader.column())
            }
            reader.advance()
            let condition = BooleanExpression.condition(Letter(name: name))
            return isNegated ? .reversed(condition) : condition
        }
    }
}

private struct LetterError: SyntaxError, Equatable {
    /// What is wrong; nil where a letter is missing.
    let kind: SyntaxFault?
    let column: Int

    init(kind: SyntaxFault?, column: Int) {
        self.kind = kind
        self.column = column
    }

    init(_ fault: SyntaxFault, column: Int) {
        self.init(kind: fault, column: column)
    }
}

/// Conditions joined by `and`, `or` and `not`, whatever the language of the conditions.
@Suite struct ExpressionTests {
    @Test(arguments: [
        ("a", "a"), ("not a", "no a"), ("NOT no a", "a"), ("not not a", "a"),
        ("a AND (b And c)", "a and b and c"),
        ("(a or b) or c", "a or b or c"), ("a and b or c", "a and b or c"),
        ("a and (b or c)", "a and (b or c)"),
        ("not (a and b)", "not (a and b)"), ("not not (a or b)", "a or b"), ("((a))", "a"),
        ("not a and b", "no a and b"), ("a\tor\r\nb", "a or b"),
    ])
    func `what is joined reads as its canonical form`(text: String, expected: String) throws {
        let expression = try Letter.parse(text)
        #expect(expression.description == expected)
        #expect(try Letter.parse(expected) == expression)
    }

    @Test(arguments: [
        ("", 1, SyntaxFault.empty), (" \t", 3, .empty), ("a b", 3, .noConnective), ("a)", 2, .noConnective),
        ("(a", 3, .noClosingParenthesis), ("a and 'b", 7, .unclosedText), ("a & b", 3, .unexpectedCharacter),
        ("a and “b”", 7, .typographicQuote), ("a and ", 7, nil), ("a or 5", 6, nil),
        ("a < b", 3, .noConnective),
    ])
    func `what is wrong is told with its column`(text: String, column: Int, kind: SyntaxFault?) {
        #expect(throws: LetterError(kind: kind, column: column)) { try Letter.parse(text) }
    }

    @Test func `length and depth are limited`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
        }
        #expect(throws: Never.self) { try Letter.parse(nested(200)) }
        #expect(throws: LetterError(.tooDeep(limit: 200), column: 202)) { try Letter.parse(nested(201)) }
        let spaces = String(repeating: " ", count: 65_535)
        #expect(throws: Never.self) { try Letter.parse("a" + spaces) }
        #expect(throws: LetterError(.tooLong(limit: 65_536), column: 1)) { try Letter.parse("a " + spaces) }
    }

    @Test(arguments: 0..<8)
    func `an expression holds as its parts say, and so do its conditions`(truths: Int) throws {
        let isTrue = { (letter: Letter) in
            truths >> (["a", "b", "c"].firstIndex(of: letter.name) ?? 0) & 1 == 1
        }
        let (a, b, c) = (truths & 1 == 1, truths & 2 == 2, truths & 4 == 4)
        #expect(try Letter.parse("a and not (b or no c)").holds(isTrue) == (a && !(b || !c)))
        let expression = try Letter.parse("a or b and no c")
        #expect(expression.holds(isTrue) == (a || b && !c))
        #expect(expression.map { isTrue($0) }.holds { $0 } == (a || b && !c))
        #expect(expression.conditions.map(\.name) == ["a", "b", "c"])
        #expect(expression.depth == 4)
        #expect(expression.alternations == 2)
    }
}
