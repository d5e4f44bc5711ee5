// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A file of an SFTP account, opened for reading.
///
/// Many blocks are asked for at a time, so that the way to the server and back is not waited for each time.
final class SFTPReader: RemoteReader {
    let byteCount: Int
    let modifiedNanoseconds: Int
    let localDescriptor: Int32? = nil

    private let path: RemotePath
    private let state: Mutex<State>

    private struct State {
        /// Nothing after closing.
        var folder: SFTPFolder?
        let handle: [UInt8]
        /// How far has been asked for.
        var askedEnd: Int
        /// What was asked for and not handed over, in the order of the file.
        var blocks: [Block] = []
    }

    private struct Block {
        let offset: Int
        let byteCount: Int
        let reply: Promise<SFTPReply>
    }

    /// How many bytes are asked for at a time.
    static let windowByteCount = 4 << 20

    init(
        _ path: RemotePath,
        from offset: Int,
        handle: [UInt8],
        _ attributes: SFTPAttributes,
        _ folder: SFTPFolder
    ) {
        self.path = path
        byteCount = attributes.size ?? 0
        modifiedNanoseconds = attributes.modifiedNanoseconds
        state = Mutex(State(folder: folder, handle: handle, askedEnd: offset))
    }

    deinit {
        letGo()
    }

    func next() async throws(TransferError) -> [UInt8]? {
        guard !Task.isCancelled else { throw .cancelled }
        let blocks = try askAhead()
        guard let last = blocks.last else {
            try await confirmUnchanged()
            return nil
        }
        // Waiting for the last first, a task is woken once for all of them.
        _ = try? await last.reply.value()
        var data: [UInt8] = []
        data.reserveCapacity(blocks.reduce(0) { $0 + $1.byteCount })
        var count = 0
        for block in blocks {
            do throws(TransferError) {
                let bytes = try await contents(of: block)
                data.append(contentsOf: bytes)
                count += 1
                guard bytes.count == block.byteCount else {
                    handedOver(count, of: block, byteCount: bytes.count)
                    return data
                }
            } catch {
                // What came before is whole; the next call meets the fault again.
                guard count > 0 else { throw error }
                break
            }
        }
        handedOver(count)
        return data
    }

    private func contents(of block: Block) async throws(TransferError) -> [UInt8] {
        do throws(SFTPFault) {
            guard case .data(let bytes) = try await block.reply.reply() else { throw .unexpected }
            guard !bytes.isEmpty, bytes.count <= block.byteCount else {
                throw .connection(.protocolFault("a block of another size than asked for"))
            }
            return bytes
        } catch {
            guard error.code != SFTPStatus.endOfFile else { throw .changedWhileReading(path) }
            throw await (try folder()).failure(error, during: .read, at: path)
        }
    }

    /// Forgets blocks; of the latest one, where the server gave only a part, the rest is asked for again.
    private func handedOver(_ count: Int, of block: Block? = nil, byteCount: Int = 0) {
        state.withLock { state in
            state.blocks.removeFirst(count)
            guard let block, let connection = state.folder?.connection else { return }
            let offset = block.offset + byteCount
            let rest = block.byteCount - byteCount
            let reply = connection.send(.read(handle: state.handle, offset: offset, count: rest))
            state.blocks.insert(Block(offset: offset, byteCount: rest, reply: reply), at: 0)
        }
    }

    func confirmUnchanged() async throws(TransferError) {
        let folder = try folder()
        let handle = state.withLock { $0.handle }
        let found: SFTPAttributes
        do throws(SFTPFault) {
            found = try await folder.connection.send(.statusOfOpenFile(handle: handle)).attributes()
        } catch {
            throw await folder.failure(error, during: .read, at: path)
        }
        guard found.size == byteCount, found.modifiedNanoseconds == modifiedNanoseconds else {
            throw .changedWhileReading(path)
        }
    }

    func close() async {
        letGo()
    }

    private func folder() throws(TransferError) -> SFTPFolder {
        guard let folder = state.withLock({ $0.folder }) else { throw .system(.read, path, errno: EBADF) }
        return folder
    }

    /// Asks for as many blocks as the window has room for; gives the first mebibyte that is not handed over yet.
    private func askAhead() throws(TransferError) -> [Block] {
        let connection = try folder().connection
        let size = connection.blockByteCount
        let limit = max(2, SFTPReader.windowByteCount / size)
        return state.withLock { state in
            while state.blocks.count < limit, state.askedEnd < byteCount {
                let count = min(size, byteCount - state.askedEnd)
                let reply = connection.send(.read(handle: state.handle, offset: state.askedEnd, count: count))
                state.blocks.append(Block(offset: state.askedEnd, byteCount: count, reply: reply))
                state.askedEnd += count
            }
            return Array(state.blocks.prefix(max(1, FileDescriptor.chunkByteCount / size)))
        }
    }

    private func letGo() {
        let (folder, handle) = state.withLock { state in
            defer {
                state.folder = nil
                state.blocks = []
            }
            return (state.folder, state.handle)
        }
        _ = folder?.connection.send(.close(handle: handle))
    }
}

extension SFTPFolder {
    /// Opens a regular file for reading.
    func open(_ path: RemotePath, from offset: Int) async throws(TransferError) -> SFTPReader {
        try await confirm(path.folder)
        do throws(SFTPFault) {
            guard let found = try await status(of: path) else { throw SFTPFault.missing }
            guard found.kind == .file else { throw SFTPFault.notAFile }
            let handle = try await connection.send(.open(path: serverPath(path), .read, mode: 0))
                .handle(of: connection)
            do throws(SFTPFault) {
                let attributes = try await connection.send(.statusOfOpenFile(handle: handle)).attributes()
                guard attributes.size != nil else { throw SFTPFault.unexpected }
                guard offset <= attributes.size ?? 0 else {
                    throw SFTPFault.connection(.changedWhileReading(path))
                }
                return SFTPReader(path, from: offset, handle: handle, attributes, self)
            } catch {
                _ = connection.send(.close(handle: handle))
                throw error
            }
        } catch {
            if error.isNotAFile { throw .notAFile(path) }
            throw await failure(error, during: .open, at: path)
        }
    }
}
