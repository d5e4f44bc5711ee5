// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import Storage
import Synchronization
import Transfer

/// The files of a set, brought near: read in place where the account is a folder, from the spool otherwise.
///
/// A copy in the spool is named after the version of the file that it is of, so a download that was interrupted goes
/// on where it stopped, also after a crash of the program.
final class ImportFiles: Sendable {
    /// The ending of copies in the spool.
    static let ending = ".spooled"

    /// How long a copy is kept that no run asks for, in seconds.
    static let copyLifetime = 86_400.0

    private struct State {
        var control: Result<ControlFile?, any Error>?
        var sums: [Int64: String] = [:]
        var attempts = Attempts()
    }

    private let set: ImportSet
    private let campaign: Campaign
    private let transport: any Transport
    private let isLocal: Bool
    private let state = Mutex(State())

    /// Prepares to read a set; nothing is read yet.
    ///
    /// - Parameters:
    ///   - set: The files.
    ///   - campaign: The installation.
    /// - Throws: ``Problem`` when the account is not configured or disabled.
    init(_ set: ImportSet, _ campaign: Campaign) throws {
        self.set = set
        self.campaign = campaign
        let account = try campaign.read { try ExternalAccountStore().find(set.account, in: $0) }
        transport = try campaign.transport(to: account)
        if case .folder = account.settings { isLocal = true } else { isLocal = false }
    }

    /// How many attempts the transfers took, at least 1.
    var attempts: Int { max(1, state.withLock { $0.attempts.count }) }

    /// Reads the control file, once.
    ///
    /// - Returns: What it says; `nil` when the set has none.
    /// - Throws: ``AudienceFileError`` or `TransferError` when it can't be read.
    func controlFile() async throws -> ControlFile? {
        if let known = state.withLock({ $0.control }) { return try known.get() }
        do {
            let control = try await readControlFile()
            state.withLock { $0.control = .success(control) }
            return control
        } catch let error as AudienceFileError {
            state.withLock { $0.control = .failure(error) }
            throw error
        }
    }

    /// Brings all data files into the spool, unless they can be read in place.
    ///
    /// - Throws: `TransferError` when the account can't be read or the spool can't be written.
    func fetch() async throws(TransferError) {
        guard !isLocal else { return }
        for file in set.ordered { try await fetch(file) }
    }

    /// Opens a data file, in place or in the spool.
    ///
    /// - Parameter file: A file of the set.
    /// - Returns: The open file.
    /// - Throws: `TransferError` when the account can't be read or the spool can't be written.
    func open(_ file: ImportSet.File) async throws(TransferError) -> OpenedFile {
        guard !isLocal else { return OpenedFile(reader: try await transport.read(file.remote.path)) }
        try await fetch(file)
        return OpenedFile(spoolFile: spoolFile(file))
    }

    /// The SHA-256 of a data file in hex, read once.
    ///
    /// - Parameter file: A file of the set.
    /// - Returns: 64 lower-case digits.
    /// - Throws: As opening does.
    func sha256(of file: ImportSet.File) async throws -> String {
        if let known = state.withLock({ $0.sums[file.entry.id] }) { return known }
        let opened = try await open(file)
        let digest = FileDigest()
        do {
            let source = try opened.source()
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                guard count > 0 else { break }
                buffer[..<count].withUnsafeBytes { digest.update($0) }
            }
        } catch {
            await opened.close()
            throw error
        }
        await opened.close()
        let sum = digest.finish().sha256
        state.withLock { $0.sums[file.entry.id] = sum }
        return sum
    }

    /// The data files as a receipt states them when their lines are not read: with their checksums, without those of
    /// files that can't be read or would have to be fetched for that.
    ///
    /// - Returns: One entry for each file, in the order of the parts.
    func stated() async -> [Receipt.File] {
        var files: [Receipt.File] = []
        for file in set.ordered {
            let isNear = isLocal || FileManager.default.fileExists(atPath: spoolFile(file))
            files.append(
                Receipt.File(
                    name: file.remote.path.spelling,
                    bytes: Int64(file.remote.byteCount),
                    sha256: isNear ? try? await sha256(of: file) : nil
                )
            )
        }
        return files
    }

    /// Removes the copies in the spool.
    func discard() {
        guard !isLocal else { return }
        for file in set.files { unlink(spoolFile(file)) }
    }

    // The largest control file that is read, in bytes.
    private static let largestControlFile = 64 << 20

    private func readControlFile() async throws -> ControlFile? {
        guard let control = set.control else { return nil }
        let reader = try await transport.read(control.remote.path)
        var bytes: [UInt8] = []
        while let chunk = try await reader.next() {
            bytes += chunk
            guard bytes.count < Self.largestControlFile else {
                throw AudienceFileError.lineTooLong(line: 1, limit: Self.largestControlFile)
            }
        }
        await reader.close()
        return try ControlFile(parsing: bytes)
    }

    private func fetch(_ file: ImportSet.File) async throws(TransferError) {
        let copy = spoolFile(file)
        try confirmRoom(for: file.remote.byteCount, copy)
        var attempts = state.withLock { $0.attempts }
        defer { state.withLock { $0.attempts = attempts } }
        _ = try await attempts.run { () throws(TransferError) in
            try await transport.download(file.remote, to: copy)
        }
    }

    /// Refuses a download for which the spool has no room, before it begins.
    private func confirmRoom(for byteCount: Int, _ copy: String) throws(TransferError) {
        var there = stat()
        let present = stat(copy, &there) == 0 ? Int(there.st_size) : 0
        var room = statvfs()
        guard statvfs(campaign.directory.spool, &room) == 0 else { return }
        guard Int(clamping: room.f_bavail) * Int(room.f_frsize) > byteCount - present else {
            throw .localFull
        }
    }

    /// The copy of a file: named after account, path, size, time and version, and after this start of the machine,
    /// since a power cut may leave holes in a copy that was not finished.
    private func spoolFile(_ file: ImportSet.File) -> String {
        let parts = [
            set.account, file.remote.path.spelling, String(file.remote.byteCount),
            String(file.remote.modifiedNanoseconds), file.remote.version ?? "", Self.bootID,
        ]
        let digest = FileDigest()
        for part in parts { Array((part + "\n").utf8).withUnsafeBytes { digest.update($0) } }
        return "\(campaign.directory.spool)/\(digest.finish().sha256.prefix(32))\(Self.ending)"
    }

    private static let bootID =
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
}
