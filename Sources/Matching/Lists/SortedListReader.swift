// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The reading of a list file, string by string in ascending order, in bounded memory.
///
/// One owner at a time.
package final class SortedListReader {
    /// How many strings the list has.
    package let count: Int

    private let descriptor: Int32
    private let blocks: SortedBlockReader

    /// Opens a list and checks its header and its length; the content is checked as it is read.
    ///
    /// - Parameter path: The list file.
    /// - Throws: ``SortedListError`` that says what is wrong with the file.
    package init(path: String) throws(SortedListError) {
        let descriptor = try SortedListFiles.open(path, O_RDONLY)
        do throws(SortedListError) {
            let actual = try SortedListFiles.byteCount(descriptor)
            let header = try Self.header(of: descriptor)
            guard header.byteCount == actual else {
                throw SortedListError.truncated(expected: header.byteCount, actual: actual)
            }
            count = header.count
            blocks = SortedBlockReader(
                descriptor: descriptor,
                range: SortedList.fileHeaderByteCount..<max(actual, 64)
            )
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit {
        close(descriptor)
    }

    /// Gives the next string.
    ///
    /// - Returns: Its bytes, valid until the next call; none at the end.
    /// - Throws: ``SortedListError`` that says where the file is damaged.
    package func next() throws(SortedListError) -> UnsafeRawBufferPointer? {
        if try blocks.advance() { return blocks.text }
        guard blocks.count == count else { throw .truncated(expected: count, actual: blocks.count) }
        return nil
    }

    private static func header(of descriptor: Int32) throws(SortedListError) -> SortedListHeader {
        var bytes = [UInt8](repeating: 0, count: SortedList.fileHeaderByteCount)
        let taken = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard taken >= 0 else { throw .file(operation: .read, code: errno) }
        return try SortedListHeader(Array(bytes[..<taken]))
    }
}
