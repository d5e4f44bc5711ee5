// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// Reads a secret that a command is given by file or standard input, never as an argument.
enum SecretFile {
    /// Reads the text of a secret.
    ///
    /// - Parameters:
    ///   - path: A file's path, or `-` for one line of standard input.
    ///   - option: The option that named it, for the problem's text.
    /// - Returns: The text without the newline at its end.
    /// - Throws: ``Problem`` of kind `data-sources.secret-refused` when it can't be read.
    static func read(_ path: String, option: String) throws -> String {
        if path == "-" {
            guard let line = readLine(strippingNewline: true) else {
                throw Problem(
                    .secretRefused,
                    "Standard input ended before --\(option) was read.",
                    field: option
                )
            }
            return line
        }
        let limit = 4_096
        guard let file = FileHandle(forReadingAtPath: path),
            let text = try? String(data: file.read(upToCount: limit) ?? Data(), encoding: .utf8)
        else {
            throw Problem(.secretRefused, "The file of --\(option) can't be read.", field: option)
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else {
            throw Problem(.secretRefused, "The file of --\(option) is empty.", field: option)
        }
        return secret
    }
}
