// SPDX-License-Identifier: Apache-2.0

extension SFTPFolder {
    /// How many bytes are on their way to the server at a time.
    ///
    /// A server may write them in any order, so an interrupted part is trusted only up to this much before its end.
    static let windowByteCount = 4 << 20

    /// Writes the payload to the part, from where an interrupted attempt stopped, and verifies it.
    func fill(
        _ part: SFTPPart,
        from payload: Payload,
        at path: RemotePath
    ) async throws(TransferError) {
        let stream = try PayloadStream(payload)
        guard stream.byteCount == part.expected.byteCount else {
            throw .sizeDiffers(path, expected: part.expected.byteCount, actual: stream.byteCount)
        }
        let handle: [UInt8]
        var position = 0
        do throws(SFTPFault) {
            let (opened, byteCount) = try await open(part)
            handle = opened
            position = try await place(toGoOnIn: handle, byteCount: byteCount, stream)
        } catch {
            throw await failure(error, during: .write, at: path)
        }
        do throws(TransferError) {
            try await stream.skip(to: position)
            try await pour(stream, from: position, into: handle, at: path)
            guard let found = stream.finish() else { throw .cancelled }
            try found.confirm(part.expected, at: path)
            try await verify(handle, part.expected, at: path)
        } catch {
            _ = connection.send(.close(handle: handle))
            throw error
        }
        do throws(SFTPFault) {
            // Some storage tells only now that it could not keep everything.
            _ = try await connection.send(.close(handle: handle)).reply()
        } catch {
            throw await failure(error, during: .flush, at: path)
        }
    }

    /// Opens the part, made where it is missing, and gives its size.
    private func open(_ part: SFTPPart) async throws(SFTPFault) -> (handle: [UInt8], byteCount: Int) {
        let path = serverPath(part.path)
        if let found = try await status(of: part.path) {
            if found.kind == .file, let byteCount = found.size {
                let flags: SFTPRequest.OpenFlags = [.read, .write]
                do throws(SFTPFault) {
                    let handle = try await connection.send(.open(path: path, flags, mode: settings.fileMode))
                        .handle(of: connection)
                    return (handle, byteCount)
                } catch {
                    guard error.isMissing else { throw error }
                    // Another run with the same contents has just given it its name.
                }
            } else {
                // Whoever put something else there, it is not where our contents go.
                _ = try await connection.send(.remove(path: path)).reply()
            }
        }
        let flags: SFTPRequest.OpenFlags = [.read, .write, .create]
        let handle = try await connection.send(.open(path: path, flags, mode: settings.fileMode))
            .handle(of: connection)
        return (handle, 0)
    }

    /// Up to where an interrupted part can be kept: samples of it, its end among them, are compared.
    private func place(
        toGoOnIn handle: [UInt8],
        byteCount: Int,
        _ stream: PayloadStream
    ) async throws(SFTPFault) -> Int {
        guard byteCount <= stream.byteCount else {
            _ = try await connection.send(.cut(handle: handle, size: 0)).reply()
            return 0
        }
        let mebibyte = FileDescriptor.chunkByteCount
        let place = (byteCount - SFTPFolder.windowByteCount) / mebibyte * mebibyte
        guard place > 0 else { return 0 }
        let sampleByteCount = 32 << 10
        let sampleCount = min(16, place / mebibyte)
        let samples = (1...sampleCount).map { number in
            place / mebibyte * number / sampleCount * mebibyte - sampleByteCount
        }
        let replies = samples.map {
            connection.send(.read(handle: handle, offset: $0, count: sampleByteCount))
        }
        for (offset, reply) in zip(samples, replies) {
            guard case .data(let theirs) = try await reply.reply() else { throw .unexpected }
            do throws(TransferError) {
                let ours = try await stream.bytes(at: offset, count: theirs.count)
                guard !theirs.isEmpty, ours == theirs else { return 0 }
            } catch {
                throw .connection(error)
            }
        }
        return place
    }

    /// Sends the rest of the payload, with many blocks on their way at a time.
    private func pour(
        _ stream: PayloadStream,
        from start: Int,
        into handle: [UInt8],
        at path: RemotePath
    ) async throws(TransferError) {
        var position = start
        var sent: [(reply: Promise<SFTPReply>, byteCount: Int)] = []
        var firstIndex = 0
        var sentByteCount = 0
        func settle(downTo limit: Int) async throws(TransferError) {
            while sentByteCount > limit {
                let (reply, byteCount) = sent[firstIndex]
                do throws(SFTPFault) {
                    _ = try await reply.reply()
                } catch {
                    throw await failure(error, during: .write, at: path)
                }
                firstIndex += 1
                sentByteCount -= byteCount
            }
            sent.removeFirst(firstIndex)
            firstIndex = 0
        }
        let blockByteCount = connection.blockByteCount
        while let chunk = try await stream.next() {
            for offset in stride(from: 0, to: chunk.count, by: blockByteCount) {
                let block = chunk[offset..<min(chunk.count, offset + blockByteCount)]
                try await settle(downTo: SFTPFolder.windowByteCount - block.count)
                sent.append(
                    (connection.send(.write(handle: handle, offset: position, block)), block.count)
                )
                sentByteCount += block.count
                position += block.count
            }
            guard !Task.isCancelled else { throw .cancelled }
        }
        try await settle(downTo: 0)
    }

    /// Makes what was written durable and compares it, as far as the server offers that.
    private func verify(
        _ handle: [UInt8],
        _ expected: Fingerprint,
        at path: RemotePath
    ) async throws(TransferError) {
        do throws(SFTPFault) {
            if offers(.flush) { _ = try await connection.send(.flush(handle: handle)).reply() }
        } catch {
            throw await failure(error, during: .flush, at: path)
        }
        do throws(SFTPFault) {
            let found = try await connection.send(.statusOfOpenFile(handle: handle)).attributes()
            if let size = found.size, size != expected.byteCount {
                throw SFTPFault.connection(.sizeDiffers(path, expected: expected.byteCount, actual: size))
            }
            guard offers(.checksum), let digest = try await checksum(of: handle) else { return }
            guard digest == expected.sha256 else { throw SFTPFault.connection(.checksumDiffers(path)) }
        } catch {
            throw await failure(error, during: .read, at: path)
        }
    }

    /// The SHA-256 that the server finds in an open file, nothing where it can not do that after all.
    private func checksum(of handle: [UInt8]) async throws(SFTPFault) -> [UInt8]? {
        do throws(SFTPFault) {
            guard case .extended(let body) = try await connection.send(.checksum(handle: handle)).reply()
            else {
                return nil
            }
            return SFTPFolder.digest(in: body)
        } catch {
            guard case .status = error else { throw error }
            return nil
        }
    }

    /// The digest in a reply to `check-file`: the algorithm's name, then 32 bytes; some servers say `check-file` first.
    static func digest(in body: [UInt8]) -> [UInt8]? {
        var fields = SFTPFields(body)
        guard var name = fields.string() else { return nil }
        if name.elementsEqual("check-file".utf8) { name = fields.string() ?? [] }
        guard name.elementsEqual("sha256".utf8) else { return nil }
        let rest = fields.remainder()
        return rest.count == 32 ? rest : nil
    }
}

extension Fingerprint {
    /// Confirms that contents are those expected.
    fileprivate func confirm(_ expected: Fingerprint, at path: RemotePath) throws(TransferError) {
        guard byteCount == expected.byteCount else {
            throw .sizeDiffers(path, expected: expected.byteCount, actual: byteCount)
        }
        guard sha256 == expected.sha256 else { throw .checksumDiffers(path) }
    }
}
