// SPDX-License-Identifier: Apache-2.0

/// Something went wrong that the person using the product can put right.
///
/// Texts name the thing, the position (file, line, column) and the way out. They never hold a person's data.
package struct Problem: Error, Sendable, Equatable {
    /// The kind of problem, with its stable code.
    package let kind: ProblemKind

    /// What happened, in the person's words.
    package let summary: String

    /// What to do next.
    package let advice: String

    /// The option, form field or column that the problem is about.
    package let field: String?

    /// Makes a problem of a kind.
    ///
    /// - Parameters:
    ///   - kind: The kind, which also gives the advice unless a better one is known here.
    ///   - summary: What happened, naming the thing and the position.
    ///   - advice: What to do next, where it can be said more exactly than the kind says it.
    ///   - field: The option, form field or column to mark.
    package init(_ kind: ProblemKind, _ summary: String, advice: String? = nil, field: String? = nil) {
        self.kind = kind
        self.summary = summary
        self.advice = advice ?? kind.advice
        self.field = field
    }
}

extension Problem: CustomStringConvertible {
    /// The summary, the advice and the code, as the command line shows them.
    package var description: String {
        "\(summary)\n\(advice)\n(\(kind.code))"
    }
}
