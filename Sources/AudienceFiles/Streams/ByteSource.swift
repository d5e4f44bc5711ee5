// SPDX-License-Identifier: Apache-2.0

/// Where the raw bytes of a file come from.
package protocol ByteSource: Sendable {
    /// Fills the front of the buffer with the next bytes, waiting until there is at least one.
    ///
    /// - Parameter buffer: room for at least one byte.
    /// - Returns: the number of bytes, 0 only at the end of the file and from then on.
    /// - Throws: ``AudienceFileError/readFailed(errno:)``.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int
}
