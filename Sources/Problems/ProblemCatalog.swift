// SPDX-License-Identifier: Apache-2.0

/// The problem kinds of the whole product as a page of the documentation.
package enum ProblemCatalog {
    /// Writes `docs/errors.md`.
    ///
    /// - Parameter kinds: All kinds, from every part of the product.
    /// - Returns: Markdown, ended by a newline.
    package static func markdown(_ kinds: [ProblemKind]) -> String {
        let rows = kinds.sorted { $0.code < $1.code }.map { kind in
            "| `\(kind.code)` | \(kind.status) | \(kind.meaning) | \(kind.advice) |"
        }
        return """
            # Errors

            Every problem has a code that stays the same. This page is generated from the program by \
            `tallystick docs errors`.

            | code | HTTP status | meaning | what to do |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }
}
