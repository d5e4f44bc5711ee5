// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Transfer

/// The directory in which copies of remote files lie while they are read.
///
/// A copy is named after the version of the file that it is of, so a download that was interrupted goes on where it
/// stopped, also after a crash of the program.
package struct Spool: Sendable {
    /// The ending of copies.
    package static let ending = ".spooled"

    /// How long a copy is kept that no run asks for, in seconds.
    package static let copyLifetime = 86_400.0

    private let directory: String
    private let prefix: String

    /// Names the directory.
    ///
    /// - Parameters:
    ///   - directory: Its path; it exists.
    ///   - prefix: What the names of copies begin with, where several systems share the directory.
    package init(_ directory: String, prefix: String = "") {
        self.directory = directory
        self.prefix = prefix
    }

    /// The copy of a file, whether it is there or not: named after account, path, size, time and version, and after
    /// this start of the machine, since a power cut may leave holes in a copy that was not finished.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - account: The ID of its account.
    /// - Returns: The path of the copy.
    package func copy(of file: RemoteFile, in account: String) -> String {
        let parts = [
            account, file.path.spelling, String(file.byteCount), String(file.modifiedNanoseconds),
            file.version ?? "", Self.bootID,
        ]
        let digest = FileDigest()
        for part in parts { Array((part + "\n").utf8).withUnsafeBytes { digest.update($0) } }
        return "\(directory)/\(prefix)\(digest.finish().sha256.prefix(32))\(Self.ending)"
    }

    /// Brings a file near, going on where an earlier attempt stopped.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - account: The ID of its account.
    ///   - transport: The way to the account.
    ///   - attempts: Counts how often it was tried.
    /// - Returns: The path of the copy.
    /// - Throws: `TransferError` when the account can't be read or the spool can't be written.
    package func fetch(
        _ file: RemoteFile,
        in account: String,
        by transport: any Transport,
        _ attempts: inout Attempts
    ) async throws(TransferError) -> String {
        let copy = copy(of: file, in: account)
        try confirmRoom(for: file.byteCount, copy)
        _ = try await attempts.run(over: transport) { (transport) throws(TransferError) in
            try await transport.download(file, to: copy)
        }
        return copy
    }

    /// Refuses a download for which there is no room, before it begins.
    private func confirmRoom(for byteCount: Int, _ copy: String) throws(TransferError) {
        var there = stat()
        let present = stat(copy, &there) == 0 ? Int(there.st_size) : 0
        var room = statvfs()
        guard statvfs(directory, &room) == 0 else { return }
        guard Int(clamping: room.f_bavail) * Int(room.f_frsize) > byteCount - present else {
            throw .localFull
        }
    }

    private static let bootID =
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
}
