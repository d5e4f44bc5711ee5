// SPDX-License-Identifier: Apache-2.0

/// Why a row of an ID-sync file is ignored.
package enum IDSyncRowProblem: UInt8, Sendable, Hashable, CaseIterable {
    /// The row has no byte.
    case empty

    /// The row ends in a tab or a blank.
    case trailingSeparator

    /// The row holds a byte of value zero.
    case nulByte

    /// The row is not UTF-8.
    case invalidUTF8

    /// Two tabs follow each other, or the row starts with one.
    case emptyID

    /// The row has more bytes than ``LineLimits/lineByteCount``.
    case tooLong
}
