// SPDX-License-Identifier: Apache-2.0

/// Why a line cannot be used, or that it can.
package enum LineProblem: UInt8, Sendable, Hashable, CaseIterable {
    /// The line follows its grammar.
    case none = 0

    /// The line has no byte.
    case emptyLine

    /// There is an ID and behind it neither a segment nor a signal.
    case noSegments

    /// The line starts with a separator.
    case emptyID

    /// There are more separators than the form has fields.
    case tooManyFields

    /// The line holds a byte of value zero.
    case nulByte

    /// The line is longer than ``LineLimits/lineByteCount``.
    case tooLong

    /// The ID is not UTF-8.
    case invalidUTF8

    /// The ID holds a colon or `%3A`, which no declared ID may, or what a line to be written cannot hold.
    case forbiddenCharacter
}
