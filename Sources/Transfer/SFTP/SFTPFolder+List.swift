// SPDX-License-Identifier: Apache-2.0

extension SFTPFolder {
    /// A name that a walk over the account came by.
    struct Entry {
        let path: RemotePath
        let attributes: SFTPAttributes

        /// Why a folder can not be entered, nothing for everything else.
        var obstacle: TransferError?
    }

    /// The bounds of a list.
    private static let entryLimit = 100_000
    private static let depthLimit = 4

    /// How many parts of a listing are asked for at a time.
    private static let listRequestCount = 8

    /// Lists the files in a folder and below it, sorted by the bytes of their paths.
    func list(under path: RemotePath?) async throws(TransferError) -> Listing {
        var files: [RemoteFile] = []
        let (entries, folderTimes) = try await walk(from: path)
        for entry in entries {
            let name = entry.path.nameBytes
            guard name.first != UInt8(ascii: "."), !RemotePath.isTemporary(name) else { continue }
            let obstacle = entry.obstacle ?? (entry.attributes.kind == .file ? nil : .notAFile(entry.path))
            files.append(
                RemoteFile(
                    path: entry.path,
                    byteCount: obstacle == nil ? entry.attributes.size ?? 0 : 0,
                    modifiedNanoseconds: entry.attributes.modifiedNanoseconds,
                    obstacle: obstacle
                )
            )
        }
        files.sort { $0.path < $1.path }
        return Listing(files: files, folderTimes: folderTimes)
    }

    /// Whether all folders of a list still have the times that they had, as far as they are few and the server tells.
    func isUnchanged(since known: Listing) async -> Bool {
        guard let times = known.folderTimes, times.count <= 1_000 else { return false }
        let replies = times.map { path, time in
            (time, connection.send(.status(path: serverPath(path))))
        }
        for (time, reply) in replies {
            guard time > 0, let found = try? await reply.attributes(), found.kind == .folder,
                found.modifiedNanoseconds == time
            else { return false }
        }
        return true
    }

    /// Every name below a folder, except those of folders that can be entered, and when these had last changed.
    ///
    /// Hidden folders are not entered.
    func walk(
        from start: RemotePath?
    ) async throws(TransferError) -> (entries: [Entry], folderTimes: [RemotePath?: Int]) {
        try await confirm(start, during: .list)
        var found: [Entry] = []
        var entryCount = 0
        let attributes = try? await connection.send(.status(path: serverPath(start))).attributes()
        var folders = [(path: start, depth: 0, attributes: attributes ?? SFTPAttributes())]
        var folderTimes: [RemotePath?: Int] = [:]
        while let folder = folders.popLast() {
            folderTimes[folder.path] = folder.attributes.modifiedNanoseconds
            let names: [SFTPReply.Name]
            do throws(SFTPFault) {
                names = try await self.names(in: folder.path, atMost: SFTPFolder.entryLimit - entryCount)
            } catch {
                // Deleted or renamed since its name was read: not there.
                if error.isMissing, folder.depth > 0 { continue }
                let failure = await failure(error, during: .list, at: folder.path)
                guard case .denied = failure, folder.depth > 0, let path = folder.path else { throw failure }
                found.append(Entry(path: path, attributes: folder.attributes, obstacle: failure))
                continue
            }
            entryCount += names.count
            guard entryCount <= SFTPFolder.entryLimit else {
                throw .tooManyFiles(limit: SFTPFolder.entryLimit)
            }
            let prefix = folder.path.map { $0.bytes + [UInt8(ascii: "/")] } ?? []
            for name in names {
                guard !name.bytes.contains(UInt8(ascii: "/")) else {
                    throw .protocolFault("a name in a listing holds a slash")
                }
                let path = try RemotePath(bytes: prefix + name.bytes)
                guard let attributes = try await known(name.attributes, of: path) else { continue }
                guard attributes.kind == .folder else {
                    found.append(Entry(path: path, attributes: attributes))
                    continue
                }
                guard name.bytes.first != UInt8(ascii: ".") else { continue }
                guard folder.depth < SFTPFolder.depthLimit else {
                    throw .tooDeep(path, limit: SFTPFolder.depthLimit)
                }
                folders.append((path, folder.depth + 1, attributes))
            }
        }
        return (found, folderTimes)
    }

    /// What the list said, or where it said too little what the server says when asked.
    private func known(
        _ attributes: SFTPAttributes,
        of path: RemotePath
    ) async throws(TransferError) -> SFTPAttributes? {
        guard attributes.kind == nil || attributes.size == nil else { return attributes }
        do throws(SFTPFault) {
            return try await status(of: path)
        } catch {
            throw await failure(error, during: .list, at: path)
        }
    }

    /// The names in a folder, without `.` and `..`, in no order; a few more than the limit where there are more.
    private func names(in folder: RemotePath?, atMost limit: Int) async throws(SFTPFault) -> [SFTPReply.Name]
    {
        let handle = try await connection.send(.openFolder(path: serverPath(folder))).handle(of: connection)
        defer { _ = connection.send(.close(handle: handle)) }
        var names: [SFTPReply.Name] = []
        var replies: [Promise<SFTPReply>] = []
        while names.count <= limit {
            while replies.count < SFTPFolder.listRequestCount {
                replies.append(connection.send(.readFolder(handle: handle)))
            }
            do throws(SFTPFault) {
                guard case .names(let more) = try await replies.removeFirst().reply() else {
                    throw .unexpected
                }
                names += more.filter {
                    !$0.bytes.elementsEqual(".".utf8) && !$0.bytes.elementsEqual("..".utf8)
                }
            } catch {
                guard error.code == SFTPStatus.endOfFile else { throw error }
                break
            }
        }
        // A server that works on several requests at a time may have had names for one asked after the end.
        for reply in replies where names.count <= limit {
            guard case .names(let more)? = try? await reply.reply() else { continue }
            names += more.filter { !$0.bytes.elementsEqual(".".utf8) && !$0.bytes.elementsEqual("..".utf8) }
        }
        return names
    }
}
