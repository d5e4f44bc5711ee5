// SPDX-License-Identifier: Apache-2.0

/// A secret access key, which no description, dump or log shows.
package struct S3Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key itself, for signing only.
    let text: String

    /// Takes a secret access key.
    ///
    /// - Parameter text: The key as the partner gave it.
    package init(_ text: String) {
        self.text = text
    }

    /// Three dots in place of the key.
    package var description: String { "•••" }

    /// Three dots in place of the key.
    package var debugDescription: String { description }

    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
