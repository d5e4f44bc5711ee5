// SPDX-License-Identifier: Apache-2.0

/// A complete part of an inbound file under its final name.
package struct InboundFilePart: Sendable, Hashable {
    /// The name, with a part number if there are several parts.
    package let name: InboundFileName

    /// Where the part lies.
    package let path: String

    /// The size and checksums of the file.
    package let digest: FileDigest.Value

    /// The size of the text before compression.
    package let textByteCount: Int

    /// The number of lines.
    package let lineCount: Int

    /// A part made from what is known of it.
    package init(
        name: InboundFileName,
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
