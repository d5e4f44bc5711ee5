// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The bytes of an open file, from its current position.
package final class FileDescriptorSource: ByteSource {
    private let fileDescriptor: Int32
    private let isOwner: Bool

    /// The bytes behind a descriptor.
    ///
    /// - Parameters:
    ///   - fileDescriptor: open for reading.
    ///   - isOwner: whether the descriptor is closed together with this source.
    package init(fileDescriptor: Int32, isOwner: Bool) {
        self.fileDescriptor = fileDescriptor
        self.isOwner = isOwner
    }

    /// The bytes of the file at this path, opened here and closed with the source.
    ///
    /// - Throws: ``AudienceFileError/readFailed(errno:)`` when the file cannot be opened.
    package convenience init(path: String) throws(AudienceFileError) {
        let fileDescriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard fileDescriptor >= 0 else { throw .readFailed(errno: errno) }
        posix_fadvise(fileDescriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        self.init(fileDescriptor: fileDescriptor, isOwner: true)
    }

    deinit {
        if isOwner { close(fileDescriptor) }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        while true {
            let count = Glibc.read(fileDescriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .readFailed(errno: errno) }
        }
    }
}
