// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import Storage
import Synchronization
import Transfer

/// The files of a set, brought near: read in place where the account is a folder, from the spool otherwise.
final class ImportFiles: Sendable {
    private struct State {
        var control: Result<ControlFile?, any Error>?
        var sums: [Int64: String] = [:]
        var attempts = Attempts()
    }

    private let set: ImportSet
    private let transport: any Transport
    private let isLocal: Bool
    private let spool: Spool
    private let state = Mutex(State())

    /// Prepares to read a set; nothing is read yet.
    ///
    /// - Parameters:
    ///   - set: The files.
    ///   - campaign: The installation.
    /// - Throws: ``Problem`` when the account is not configured or disabled.
    init(_ set: ImportSet, _ campaign: Campaign) throws {
        self.set = set
        spool = Spool(campaign.directory.spool)
        let account = try campaign.read { try ExternalAccountStore().find(set.account, in: $0) }
        transport = try campaign.transport(to: account)
        if case .folder = account.settings { isLocal = true } else { isLocal = false }
    }

    /// How often the request that was repeated most was sent, at least 1.
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
        } catch {
            // Also what the account said: it was asked several times.
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
        var attempts = state.withLock { $0.attempts }
        defer { state.withLock { $0.attempts = attempts } }
        let bytes = try await attempts.run(over: transport) { (transport) throws(TransferError) in
            try await Self.contents(of: control.remote.path, by: transport)
        }
        guard bytes.count < Self.largestControlFile else {
            throw AudienceFileError.lineTooLong(line: 1, limit: Self.largestControlFile)
        }
        return try ControlFile(parsing: bytes)
    }

    /// The bytes of a control file; of one that is too large only the beginning.
    private static func contents(
        of path: RemotePath,
        by transport: any Transport
    ) async throws(TransferError) -> [UInt8] {
        let reader = try await transport.read(path)
        var bytes: [UInt8] = []
        do throws(TransferError) {
            while bytes.count < largestControlFile, let chunk = try await reader.next() { bytes += chunk }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return bytes
    }

    private func fetch(_ file: ImportSet.File) async throws(TransferError) {
        var attempts = state.withLock { $0.attempts }
        defer { state.withLock { $0.attempts = attempts } }
        _ = try await spool.fetch(file.remote, in: set.account, by: transport, &attempts)
    }

    private func spoolFile(_ file: ImportSet.File) -> String { spool.copy(of: file.remote, in: set.account) }
}
