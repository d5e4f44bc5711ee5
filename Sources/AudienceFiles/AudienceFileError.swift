// SPDX-License-Identifier: Apache-2.0

/// Why an audience file cannot be read or written.
///
/// Errors carry numbers and positions only, never the content of a file. Bytes and lines of
/// text are counted in the order of the file; lines and columns start at 1, bytes at 0.
package enum AudienceFileError: Error, Sendable, Equatable {
    /// The file holds no line at all.
    case empty

    /// The file ends inside a gzip member; `byte` is the size of what arrived.
    case truncatedGzip(byte: Int)

    /// A gzip header, block or checksum is wrong; `byte` is about where, in the compressed file.
    case damagedGzip(byte: Int)

    /// The file is said to be compressed, and does not begin as gzip does.
    case notGzip

    /// The file is written in a form that is recognised and not read here.
    case unsupportedEncoding(UnsupportedEncoding)

    /// The operating system refused to read.
    case readFailed(errno: Int32)

    /// The operating system refused to create, write, flush, close or rename.
    case writeFailed(errno: Int32)

    /// A control file does not follow its grammar at this place.
    case controlFile(line: Int, column: Int, problem: ControlFileProblem)

    /// The totals of a control file differ from the sum of its entries.
    case controlFileTotals(ControlFileTotal, stated: Int, counted: Int)

    /// A row of an ID-sync file has another number of columns than the name says.
    case columnCount(line: Int, expected: Int, actual: Int)

    /// A value cannot be written because it is empty or holds a separator.
    case unwritableValue(line: Int, column: Int)

    /// A line is longer than the format allows.
    case lineTooLong(line: Int, limit: Int)
}

/// An encoding that is recognised by its first bytes and refused.
package enum UnsupportedEncoding: Sendable, Equatable {
    /// Text in 16-bit units, known by its byte order mark.
    case utf16

    /// Text in 32-bit units, known by its byte order mark.
    case utf32

    /// An OpenPGP message, armored or binary (RFC 4880).
    case pgp
}
