// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Glibc
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

    /// Whether the file looks cut: it is empty, or plain text whose last line has no end.
    ///
    /// Of gzip data only reading it tells.
    ///
    /// - Returns: Whether it does; false where its ends can't be read.
    package func looksCut() -> Bool {
        let descriptor = reader?.localDescriptor ?? spoolFile.map { open($0, O_RDONLY | O_CLOEXEC) } ?? -1
        guard descriptor >= 0 else { return false }
        defer { if spoolFile != nil { _ = Glibc.close(descriptor) } }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        guard status.st_size > 0 else { return true }
        var (first, last): (UInt8, UInt8) = (0, 0)
        guard pread(descriptor, &first, 1, 0) == 1, pread(descriptor, &last, 1, status.st_size - 1) == 1
        else { return false }
        return first != 0x1F && last != 0x0A
    }

    /// Closes the file.
    package func close() async {
        await reader?.close()
    }
}
