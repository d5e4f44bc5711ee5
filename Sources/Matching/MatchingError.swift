// SPDX-License-Identifier: Apache-2.0

/// What can go wrong in this library, in numbers and positions, never with the data of people.
package enum MatchingError: Error, Sendable, Equatable {
    /// The step at this position (from 0) of a normalization is not known, or is there twice.
    case unknownNormalizer(position: Int)
    /// An encryption key or initialization vector is not hexadecimal at this character (from 0).
    case notHexadecimal(position: Int)
    /// An encryption key has another number of bytes than its cipher needs.
    case keyLength(expected: Int, actual: Int)
    /// An initialization vector has another number of bytes than one block.
    case vectorLength(expected: Int, actual: Int)
    /// A secret of ID keys has another number of bytes than it must.
    case secretLength(expected: Int, actual: Int)
    /// libcrypto refused an operation, with its own code.
    case cryptography(code: UInt)
    /// Messages to decrypt are not whole blocks: the length of the first that is not.
    case notWholeBlocks(byteCount: Int)
    /// A profile number is larger than an index can hold.
    case numberTooLarge(ProfileNumber)
    /// The operating system refused an operation on an index file, with its `errno`.
    case file(operation: FileOperation, code: Int32)
    /// A file is too short for an index, or has another length than its header says.
    case indexTruncated(expected: Int, actual: Int)
    /// A file is not an index: the first bytes are others.
    case notAnIndex
    /// An index was written in another version of the format.
    case indexVersion(expected: UInt32, actual: UInt32)
    /// An index was made for another definition (of the data source, its key, its normalization).
    case indexFingerprint
    /// An index was made with another secret.
    case indexSecret
    /// The content of an index does not agree with its header.
    case indexDamaged
    /// An index can't grow beyond this many entries.
    case indexFull(limit: Int)
    /// An index was opened for reading only.
    case indexReadOnly
    /// Bytes are not a serialized member set, seen at this byte.
    case notAMemberSet(position: Int)
    /// The operating system has no room for another thread.
    case noThread

    /// An operation on a file that the operating system can refuse.
    package enum FileOperation: UInt8, Sendable {
        /// Opening or creating a file.
        case open
        /// Reading the size of a file.
        case size
        /// Setting aside room for a file.
        case reserve
        /// Mapping a file into memory.
        case map
        /// Writing to a file.
        case write
        /// Flushing a file to the disk.
        case flush
        /// Giving a file its final name.
        case rename
    }
}
