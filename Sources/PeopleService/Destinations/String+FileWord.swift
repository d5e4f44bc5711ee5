// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Whether it can be a part of a file's name: 1 to 100 characters, no slash, no `..` and no control character.
    var isFileWord: Bool {
        (1...100).contains(count) && !contains("/") && !contains("..")
            && unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
