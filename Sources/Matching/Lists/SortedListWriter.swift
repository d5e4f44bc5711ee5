// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of a list file: it appears whole and durable under its name, or not at all.
///
/// One owner at a time.
package final class SortedListWriter {
    /// How many strings were written.
    package var count: Int { blocks.count }

    private let path: String
    private let blocks: SortedBlockWriter
    private var descriptor: Int32

    /// Begins a list under a temporary name beside the final one.
    ///
    /// - Parameter path: The final name; its folder exists.
    /// - Throws: ``SortedListError/file(operation:code:)``.
    package init(path: String) throws(SortedListError) {
        self.path = path
        descriptor = try SortedListFiles.open(path + ".partial", O_WRONLY | O_CREAT | O_TRUNC)
        blocks = SortedBlockWriter(descriptor: descriptor, fileByteCount: SortedList.fileHeaderByteCount)
        guard lseek(descriptor, off_t(SortedList.fileHeaderByteCount), SEEK_SET) >= 0 else {
            throw .file(operation: .write, code: errno)
        }
    }

    deinit {
        cancel()
    }

    /// Adds a string, which must come after all before it.
    ///
    /// - Parameter bytes: 1 to ``SortedList/longestByteCount`` bytes.
    /// - Throws: ``SortedListError/stringLength(actual:)``, ``SortedListError/unordered(position:)`` or what the
    ///   disk answers.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(SortedListError) {
        guard let base = bytes.baseAddress, bytes.count > 0, bytes.count <= SortedList.longestByteCount else {
            throw .stringLength(actual: bytes.count)
        }
        try blocks.append(base, bytes.count, isRemoval: false)
    }

    /// Completes the list, makes it durable and gives it its name, in place of the file that had it.
    ///
    /// - Throws: ``SortedListError/file(operation:code:)``.
    package func finish() throws(SortedListError) {
        precondition(descriptor >= 0, "a list is finished once")
        try blocks.finish()
        let header = SortedListHeader(count: blocks.count, byteCount: blocks.fileByteCount).bytes
        let written = header.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard written == header.count else { throw .file(operation: .write, code: errno) }
        guard fsync(descriptor) == 0 else { throw .file(operation: .flush, code: errno) }
        let isClosed = close(descriptor) == 0
        descriptor = -1
        guard isClosed, rename(path + ".partial", path) == 0 else {
            let code = errno
            unlink(path + ".partial")
            throw .file(operation: .rename, code: code)
        }
        try SortedListFiles.flushFolder(of: path)
    }

    /// Gives up; nothing stays on the disk.
    package func cancel() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(path + ".partial")
    }
}
