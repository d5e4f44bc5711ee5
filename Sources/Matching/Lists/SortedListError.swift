// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with sorted lists, in numbers and positions, never with the strings themselves.
package enum SortedListError: Error, Sendable, Equatable {
    /// A string is empty or longer than ``SortedList/longestByteCount``.
    case stringLength(actual: Int)
    /// Strings for a list did not come in ascending order, seen at this string (from 0).
    case unordered(position: Int)
    /// The operating system refused an operation on a file, with its `errno`.
    case file(operation: FileOperation, code: Int32)
    /// A file is not a sorted list: its first bytes are others.
    case notAList
    /// A list was written in another version of the format.
    case version(expected: UInt32, actual: UInt32)
    /// A file ends before its content does, or goes on after it, in bytes.
    case truncated(expected: Int, actual: Int)
    /// The content does not agree with its checksum, in the block that begins at this byte.
    case damaged(position: Int)
    /// There is no memory left to start a thread.
    case threads

    /// An operation on a file that the operating system can refuse.
    package enum FileOperation: UInt8, Sendable {
        /// Opening or creating a file.
        case open
        /// Reading the size of a file.
        case size
        /// Reading a file.
        case read
        /// Writing to a file.
        case write
        /// Flushing a file to the disk.
        case flush
        /// Giving a file its final name.
        case rename
    }
}
