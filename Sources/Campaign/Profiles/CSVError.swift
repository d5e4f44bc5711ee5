// SPDX-License-Identifier: Apache-2.0

/// Why a CSV file as a whole can't be read; faults of single records are ``CSVFault``.
package enum CSVError: Error, Sendable, Hashable {
    /// An encoding of text that is not read.
    package enum Encoding: String, Sendable {
        /// Two bytes for each character, with a byte order mark or zero bytes at the start.
        case utf16 = "UTF-16"
        /// Four bytes for each character.
        case utf32 = "UTF-32"
        /// A header whose bytes are not UTF-8: Latin-1, a compressed file or something else.
        case notUTF8 = "not UTF-8"
    }

    /// The file has no bytes, or nothing but a byte order mark.
    case emptyFile

    /// The file has only blank lines, or its first line names no column.
    case noHeader

    /// The header is longer than so many bytes.
    case headerTooLong(limit: Int)

    /// The header row is not well-formed.
    case headerFault(CSVFault)

    /// Two columns of the header have the same name; both are 1-based.
    case duplicateColumn(column: Int, earlier: Int)

    /// The file is not UTF-8.
    case unsupportedEncoding(Encoding)

    /// Reading failed, with the number that the system gave.
    case readFailed(errno: Int32)
}
