// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Transfer

/// A remote file that is open for reading: in place where it is local, from the spool otherwise.
struct OpenedFile: Sendable {
    private let reader: any RemoteReader
    private let spoolFile: String?

    /// Opens a file, and brings it into the spool unless it can be read in place.
    ///
    /// - Parameters:
    ///   - file: The file as it was listed.
    ///   - transport: The way to its account.
    ///   - spool: The directory for files on their way.
    /// - Throws: `TransferError` when the account can't be read or the spool can't be written.
    init(_ file: RemoteFile, _ transport: any Transport, spool: String) async throws {
        reader = try await transport.read(file.path)
        guard reader.localDescriptor == nil else {
            spoolFile = nil
            return
        }
        let path = "\(spool)/\(file.byteCount)-\(file.modifiedNanoseconds).spooled"
        unlink(path)
        _ = try await transport.download(file.path, to: path)
        spoolFile = path
    }

    /// The bytes from the start.
    func source() throws -> FileDescriptorSource {
        if let spoolFile { return try FileDescriptorSource(path: spoolFile) }
        guard let descriptor = reader.localDescriptor else {
            throw AudienceFileError.readFailed(errno: EBADF)
        }
        return FileDescriptorSource(fileDescriptor: descriptor, isOwner: false)
    }

    /// Makes sure that the file did not change while it was read, and closes it.
    func finish() async throws {
        do {
            try await reader.confirmUnchanged()
        } catch {
            await close()
            throw error
        }
        await close()
    }

    /// Closes the file and removes its copy from the spool.
    func close() async {
        await reader.close()
        if let spoolFile { unlink(spoolFile) }
    }
}
