// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// Reads a secret that a command is given by file or standard input, never as an argument.
package enum SecretFile {
    /// Reads the text of a secret.
    ///
    /// - Parameters:
    ///   - path: A file's path, or `-` for one line of standard input.
    ///   - option: The option that named it, for the problem's text.
    /// - Returns: The text without the newline at its end.
    /// - Throws: ``Problem`` of kind `secrets.file-unreadable`.
    package static func read(_ path: String, option: String) throws -> String {
        if path == "-" {
            guard let line = readLine(strippingNewline: true) else {
                throw Problem(
                    .secretFileUnreadable,
                    "Standard input ended before --\(option) was read.",
                    field: option
                )
            }
            return line
        }
        let limit = 65_536
        guard let file = FileHandle(forReadingAtPath: path),
            let text = try? String(data: file.read(upToCount: limit) ?? Data(), encoding: .utf8)
        else {
            throw Problem(.secretFileUnreadable, "The file of --\(option) can't be read.", field: option)
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else {
            throw Problem(.secretFileUnreadable, "The file of --\(option) is empty.", field: option)
        }
        return secret
    }
}

extension ProblemKind {
    package static let secretFileUnreadable = ProblemKind(
        "secrets.file-unreadable",
        status: 422,
        meaning: "The file or standard input that a secret should come from can't be read.",
        advice: "Give the path of a file that you can read, or - for one line of standard input."
    )
}
