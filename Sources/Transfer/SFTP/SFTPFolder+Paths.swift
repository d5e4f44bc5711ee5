// SPDX-License-Identifier: Apache-2.0

import Glibc

extension SFTPFolder {
    /// What the server knows about a name, nothing where it does not exist; a symbolic link is not followed.
    func status(of path: RemotePath) async throws(SFTPFault) -> SFTPAttributes? {
        do throws(SFTPFault) {
            return try await connection.send(.status(path: serverPath(path))).attributes()
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Confirms that a folder and those around it, up to the root, are folders and not symbolic links.
    ///
    /// SFTP has no way to open a name in a folder that is open already, so a link that somebody puts there between
    /// this and the next request would be followed. Nobody but the partner can do that.
    func confirm(
        _ folder: RemotePath?,
        isMaking: Bool = false,
        during operation: TransferError.Operation = .open
    ) async throws(TransferError) {
        guard let folder else { return }
        var around: [RemotePath] = []
        var next: RemotePath? = folder
        while let path = next {
            around.insert(path, at: 0)
            next = path.folder
        }
        let replies = around.map { connection.send(.status(path: serverPath($0))) }
        for (path, reply) in zip(around, replies) {
            do throws(SFTPFault) {
                guard try await reply.attributes().kind == .folder else { throw SFTPFault.notAFolder }
            } catch {
                if error.isMissing && isMaking {
                    try await make(path, for: folder)
                } else if error.isNotAFolder {
                    throw .notAFolder(folder)
                } else {
                    throw await failure(error, during: operation, at: folder)
                }
            }
        }
    }

    private func make(_ path: RemotePath, for folder: RemotePath) async throws(TransferError) {
        let mode = settings.fileMode | (settings.fileMode & 0o444) >> 2
        do throws(SFTPFault) {
            _ = try await connection.send(.makeFolder(path: serverPath(path), mode: mode)).reply()
        } catch {
            // Somebody else may have made it in the meantime.
            if let found = try? await status(of: path) {
                guard found.kind == .folder else { throw .notAFolder(folder) }
                return
            }
            throw await failure(error, during: .makeFolder, at: folder)
        }
    }

    /// Gives a regular file another name; never replaces a file.
    func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError) {
        try await confirm(path.folder)
        do throws(SFTPFault) {
            guard let found = try await status(of: path) else { throw SFTPFault.missing }
            guard found.kind == .file else { throw SFTPFault.notAFile }
        } catch {
            if error.isNotAFile { throw .notAFile(path) }
            throw await failure(error, during: .rename, at: path)
        }
        try await confirm(destination.folder, isMaking: true)
        do throws(SFTPFault) {
            // The draft obliges servers to refuse a name that is taken (section 6.5); not every server does.
            guard try await status(of: destination) == nil else { throw SFTPFault.taken }
            _ = try await connection.send(
                .rename(from: serverPath(path), to: serverPath(destination))
            ).reply()
        } catch {
            if (try? await status(of: destination)) ?? nil != nil { throw .exists(destination) }
            throw await failure(error, during: .rename, at: path)
        }
    }

    /// Deletes a regular file; a name that is not there counts as deleted.
    func delete(_ path: RemotePath) async throws(TransferError) {
        do throws(TransferError) {
            try await confirm(path.folder)
        } catch {
            guard case .notFound = error else { throw error }
            return
        }
        do throws(SFTPFault) {
            guard let found = try await status(of: path) else { throw SFTPFault.missing }
            guard found.kind == .file else { throw SFTPFault.notAFile }
            _ = try await connection.send(.remove(path: serverPath(path))).reply()
        } catch {
            if error.isNotAFile { throw .notAFile(path) }
            let failure = await failure(error, during: .delete, at: path)
            guard failure == .notFound(path) else { throw failure }
        }
    }
}

extension SFTPFault {
    static let missing = SFTPFault.status(SFTPStatus(code: SFTPStatus.noSuchFile, message: ""))
    static let taken = SFTPFault.status(SFTPStatus(code: SFTPStatus.alreadyExists, message: ""))
    static let notAFile = SFTPFault.status(.notAFile)
    static let notAFolder = SFTPFault.status(.notAFolder)

    /// Whether we found that something is not a regular file.
    var isNotAFile: Bool { status == .notAFile }

    /// Whether we found that something is not a folder.
    var isNotAFolder: Bool { status == .notAFolder }

    private var status: SFTPStatus? {
        guard case .status(let status) = self else { return nil }
        return status
    }
}

extension SFTPStatus {
    // What we find ourselves, among what servers answer; no server uses this code.
    fileprivate static let notAFile = SFTPStatus(code: .max, message: "not a file")
    fileprivate static let notAFolder = SFTPStatus(code: .max, message: "not a folder")
}

extension SFTPFolder {
    /// How much room a server says there is.
    struct Space {
        let freeBytes: Int
        let isOutOfFiles: Bool
        let isReadOnly: Bool
    }

    /// The room in the root's file system (`statvfs@openssh.com`), nothing where the server does not say.
    func space() async throws(SFTPFault) -> Space? {
        guard offers(.space) else { return nil }
        guard case .extended(let body) = try await connection.send(.space(path: serverPath(nil))).reply()
        else {
            throw .unexpected
        }
        // Block size, fragment size; blocks in all, free, for us; files in all, free, for us; ID; flags; name length.
        var fields = SFTPFields(body)
        var numbers: [UInt64] = []
        while let number = fields.number64() { numbers.append(number) }
        guard numbers.count >= 10 else { throw .unexpected }
        let (bytes, isTooMany) = numbers[1].multipliedReportingOverflow(by: numbers[4])
        return Space(
            freeBytes: isTooMany ? .max : Int(clamping: bytes),
            isOutOfFiles: numbers[5] > 0 && numbers[7] == 0,
            isReadOnly: numbers[9] & 1 != 0
        )
    }
}
