// SPDX-License-Identifier: Apache-2.0

/// A file of an external account, opened for reading to its last byte.
///
/// One task reads at a time. The size and time are those of the moment of opening; a file that changes afterwards
/// ends the reading with ``TransferError/changedWhileReading(_:)`` instead of giving a mixture of both.
package protocol RemoteReader: Sendable {
    /// The file's size in bytes.
    var byteCount: Int { get }

    /// When the file was last changed by the storage's clock, in nanoseconds since 1970-01-01 UTC.
    var modifiedNanoseconds: Int { get }

    /// What the storage calls this version of the contents (an S3 ETag), nothing where it has no name for it.
    var version: String? { get }

    /// A descriptor of the file where it is on this machine, so that it can be read in place.
    ///
    /// It belongs to the reader: use it only until ``close()``, with `pread` or a memory map, and ask
    /// ``confirmUnchanged()`` afterwards. Nothing for storage elsewhere and after closing.
    var localDescriptor: Int32? { get }

    /// Hands over the comparison with the SHA-256 that the storage keeps of the whole file.
    ///
    /// For whoever measures the file anyway, so that it is not measured twice.
    ///
    /// - Returns: The SHA-256, which the caller compares from now on; nothing where the storage keeps none.
    func takeChecksum() -> [UInt8]?

    /// Reads the next bytes.
    ///
    /// - Returns: At most one mebibyte, nothing at the end of the file.
    /// - Throws: ``TransferError`` of the storage; ``TransferError/changedWhileReading(_:)`` where the file is no
    ///   longer the one that was opened.
    func next() async throws(TransferError) -> [UInt8]?

    /// Confirms that the file is still the one that was opened.
    ///
    /// - Throws: ``TransferError/changedWhileReading(_:)`` where size or time differ.
    func confirmUnchanged() async throws(TransferError)

    /// Lets go of the file; harmless when done twice, and done by itself when the reader is dropped.
    func close() async
}

extension RemoteReader {
    /// Nothing: only some storage names its versions.
    package var version: String? { nil }

    /// Nothing: only some storage keeps checksums.
    package func takeChecksum() -> [UInt8]? { nil }
}
