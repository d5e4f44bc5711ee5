// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Base64 with the alphabet for URLs and file names, without padding (RFC 4648, section 5).
enum Base64URL {
    /// Writes bytes.
    static func encode(_ data: Data) -> String {
        data.base64EncodedString()
            .replacing("+", with: "-")
            .replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// Reads bytes; `nil` for a text of another alphabet.
    static func decode(_ text: String) -> Data? {
        guard !text.contains(where: { "+/=".contains($0) }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(
            base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding
        )
    }
}
