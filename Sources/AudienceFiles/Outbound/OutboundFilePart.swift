// SPDX-License-Identifier: Apache-2.0

/// A complete outbound file under its final name.
package struct OutboundFilePart: Sendable, Hashable {
    /// The name without a folder.
    package let name: String

    /// Where the file lies.
    package let path: String

    /// The size and checksums of the file.
    package let digest: FileDigest.Value

    /// The size of the text before compression.
    package let textByteCount: Int

    /// The number of lines, those of the header too.
    package let lineCount: Int

    /// A part made from what is known of it.
    package init(
        name: String,
        path: String,
        digest: FileDigest.Value,
        textByteCount: Int,
        lineCount: Int
    ) {
        self.name = name
        self.path = path
        self.digest = digest
        self.textByteCount = textByteCount
        self.lineCount = lineCount
    }
}
