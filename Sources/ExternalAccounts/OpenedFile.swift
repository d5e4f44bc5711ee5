// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Transfer

/// A remote file that is open for reading: in place where it is local, its copy in the spool otherwise.
package struct OpenedFile: Sendable {
    private let reader: (any RemoteReader)?
    private let spoolFile: String?

    /// A file that is read in place.
    package init(reader: any RemoteReader) {
        self.reader = reader
        spoolFile = nil
    }

    /// A copy in the spool.
    package init(spoolFile: String) {
        self.spoolFile = spoolFile
        reader = nil
    }

    /// The bytes from the start.
    package func source() throws -> FileDescriptorSource {
        if let spoolFile { return try FileDescriptorSource(path: spoolFile) }
        guard let descriptor = reader?.localDescriptor else {
            throw AudienceFileError.readFailed(errno: EBADF)
        }
        return FileDescriptorSource(fileDescriptor: descriptor, isOwner: false)
    }

    /// Makes sure that the file did not change while it was read, and closes it.
    package func finish() async throws {
        do {
            try await reader?.confirmUnchanged()
        } catch {
            await close()
            throw error
        }
        await close()
    }

    /// Makes sure that a file that is read in place is still the version that was listed, without waiting.
    ///
    /// A copy in the spool is of that version.
    ///
    /// - Parameter file: The file as it was listed.
    /// - Throws: ``TransferError/changedWhileReading(_:)``.
    package func confirmVersion(_ file: RemoteFile) throws(TransferError) {
        guard let descriptor = reader?.localDescriptor else { return }
        var status = stat()
        let isSame =
            fstat(descriptor, &status) == 0 && Int(status.st_size) == file.byteCount
            && Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
                == file.modifiedNanoseconds
        guard isSame else { throw .changedWhileReading(file.path) }
    }

    /// Closes the file.
    package func close() async {
        await reader?.close()
    }
}
