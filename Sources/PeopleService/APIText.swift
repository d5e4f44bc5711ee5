// SPDX-License-Identifier: Apache-2.0

import Problems
import Web

/// Texts that requests bring.
enum APIText {
    /// The longest description, in characters (Unicode scalars).
    static let longestDescription = 4_096

    /// A description; empty if there is none.
    ///
    /// - Throws: ``Problem`` of kind `web.body-refused`.
    static func description(_ text: String?) throws -> String {
        let text = text ?? ""
        guard text.unicodeScalars.count <= longestDescription, !text.unicodeScalars.contains("\0") else {
            throw Problem(
                .bodyRefused,
                "A description has at most \(longestDescription) characters.",
                field: "description"
            )
        }
        return text
    }
}
