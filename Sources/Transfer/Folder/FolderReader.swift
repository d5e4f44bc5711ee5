// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A file of a folder account, opened for reading.
final class FolderReader: RemoteReader {
    let byteCount: Int
    let modifiedNanoseconds: Int

    private let path: RemotePath
    private let folder: Folder
    private let queue: BlockingQueue
    private let state: Mutex<State>

    private struct State {
        var file: FileDescriptor?
        var position: Int
    }

    init(
        _ path: RemotePath,
        from offset: Int,
        file: FileDescriptor,
        status: stat,
        folder: Folder,
        queue: BlockingQueue
    ) {
        byteCount = Int(status.st_size)
        modifiedNanoseconds = status.modifiedNanoseconds
        self.path = path
        self.folder = folder
        self.queue = queue
        state = Mutex(State(file: file, position: offset))
    }

    var localDescriptor: Int32? {
        state.withLock { $0.file?.number }
    }

    func next() async throws(TransferError) -> [UInt8]? {
        try await queue.run { [self] (cancellation) throws(TransferError) in
            try nextChunk()
        }
    }

    func confirmUnchanged() async throws(TransferError) {
        try await queue.run { [self] (cancellation) throws(TransferError) in
            try confirmSame(openFile().file)
        }
    }

    func close() async {
        state.withLock { $0.file = nil }
    }

    private func openFile() throws(TransferError) -> (file: FileDescriptor, position: Int) {
        let (file, position) = state.withLock { ($0.file, $0.position) }
        guard let file else { throw .system(.read, path, errno: EBADF) }
        return (file, position)
    }

    private func nextChunk() throws(TransferError) -> [UInt8]? {
        let (file, position) = try openFile()
        let wanted = min(FileDescriptor.chunkByteCount, byteCount - position)
        guard wanted > 0 else {
            try confirmSame(file)
            return nil
        }
        var chunk = [UInt8](repeating: 0, count: wanted)
        do throws(SystemError) {
            guard try file.read(into: &chunk, at: position) == wanted else { throw SystemError(ENODATA) }
        } catch {
            throw error.number == ENODATA
                ? .changedWhileReading(path) : folder.failure(error, during: .read, at: path)
        }
        state.withLock { $0.position = position + wanted }
        return chunk
    }

    private func confirmSame(_ file: FileDescriptor) throws(TransferError) {
        let status: stat
        do throws(SystemError) {
            status = try file.status()
        } catch {
            throw folder.failure(error, during: .read, at: path)
        }
        guard Int(status.st_size) == byteCount, status.modifiedNanoseconds == modifiedNanoseconds else {
            throw .changedWhileReading(path)
        }
    }
}
