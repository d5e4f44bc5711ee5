// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Whether a terminal shows the text as it is, on one line: it holds no control character and no line separator.
    package var isOneLine: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    /// Whether the text can name a thing: one line of 1 to 255 characters (Unicode scalars), not blanks alone.
    package var isName: Bool {
        unicodeScalars.count <= 255 && isOneLine && unicodeScalars.contains { !$0.properties.isWhitespace }
    }
}
