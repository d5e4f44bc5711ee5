// SPDX-License-Identifier: Apache-2.0

/// A kind of problem: a stable code, what it means and the usual way out.
///
/// Each feature lists its kinds beside its code; `docs/errors.md` is generated from the lists.
package struct ProblemKind: Sendable, Hashable {
    /// Stable and documented, like `import.split-set-incomplete`.
    package let code: String

    /// The HTTP status with which an API answers.
    package let status: Int

    /// What it means, in one sentence.
    package let meaning: String

    /// The usual way out, in one or two sentences.
    package let advice: String

    /// Describes a kind of problem.
    ///
    /// - Parameters:
    ///   - code: Noun and condition, lower case, joined by a dot and hyphens.
    ///   - status: HTTP status, 400 to 599.
    ///   - meaning: What it means.
    ///   - advice: The usual way out.
    package init(_ code: String, status: Int, meaning: String, advice: String) {
        self.code = code
        self.status = status
        self.meaning = meaning
        self.advice = advice
    }
}
