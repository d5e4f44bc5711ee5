// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import Synchronization

/// An object of an S3 account, opened for reading.
///
/// Several stretches of it travel at once and are given out in order; at most that many are held in memory.
final class S3Reader: RemoteReader {
    let byteCount: Int
    let modifiedNanoseconds: Int

    /// What the storage keeps of the whole contents.
    private let sha256: [UInt8]?
    private let object: S3Version
    private let bucket: S3Bucket
    private let state: Mutex<State>

    private typealias Stretch = Task<Result<ByteBuffer, TransferError>, Never>

    private struct State {
        /// Where the first stretch begins that has not been asked for.
        var position: Int
        /// The stretches under way, in order.
        var stretches: [Stretch] = []
        /// How many stretches have been asked for.
        var askedCount = 0
        /// What has arrived and has not been given out.
        var rest = ByteBuffer()
        /// Memory that has been read out.
        var spares: [StretchMemory] = []
        var check: S3ContentCheck?
        var isOpen = true
    }

    init(_ object: S3Version, status: S3ObjectStatus, from offset: Int, bucket: S3Bucket) {
        self.object = object
        self.bucket = bucket
        byteCount = status.byteCount
        modifiedNanoseconds = status.modifiedNanoseconds
        let isAmazon = bucket.settings.endpoint == nil
        let check = S3ContentCheck(status, isAmazon: isAmazon)
        sha256 = check?.sha256
        state = Mutex(State(position: offset, check: offset == 0 ? check : nil))
    }

    deinit {
        letGo()
    }

    var version: String? {
        object.etag.split(separator: "\"").last.map(String.init)
    }

    var localDescriptor: Int32? { nil }

    func takeChecksum() -> [UInt8]? {
        guard let sha256 else { return nil }
        state.withLock { $0.check = nil }
        return sha256
    }

    func next() async throws(TransferError) -> [UInt8]? {
        if let chunk = takeRest() { return chunk }
        guard let stretch = try askForMore() else {
            guard state.withLock({ $0.check?.isRight ?? true }) else { throw .checksumDiffers(object.path) }
            return nil
        }
        let result = await withTaskCancellationHandler {
            await stretch.value
        } onCancel: {
            stretch.cancel()
        }
        let arrived: ByteBuffer
        do throws(TransferError) {
            arrived = try result.get()
        } catch {
            letGo()
            throw error
        }
        state.withLock { $0.rest = arrived }
        return takeRest()
    }

    func confirmUnchanged() async throws(TransferError) {
        guard let status = try await bucket.status(of: object.path), status.etag == object.etag,
            status.byteCount == byteCount
        else { throw .changedWhileReading(object.path) }
    }

    func close() async {
        letGo()
    }

    /// Ends what is under way and forgets what has arrived.
    private func letGo() {
        let stretches = state.withLock { state in
            defer {
                state.stretches = []
                state.rest = ByteBuffer()
                state.spares = []
                state.isOpen = false
            }
            return state.stretches
        }
        for stretch in stretches { stretch.cancel() }
    }

    /// The next bytes that have arrived, taken into the checksum.
    private func takeRest() -> [UInt8]? {
        state.withLock { state in
            let count = min(FileDescriptor.chunkByteCount, state.rest.readableBytes)
            guard count > 0, let chunk = state.rest.readBytes(length: count) else { return nil }
            if state.rest.readableBytes == 0 {
                state.spares.append(StretchMemory(state.rest))
                state.rest = ByteBuffer()
            }
            chunk.withUnsafeBytes { state.check?.update($0) }
            return chunk
        }
    }

    /// Keeps enough stretches under way and gives the one to wait for, nothing at the end of the object.
    private func askForMore() throws(TransferError) -> Stretch? {
        let pieces = bucket.settings.pieces
        let (isOpen, first) = state.withLock { state -> (Bool, Stretch?) in
            guard state.isOpen else { return (false, nil) }
            // A reader that wants only the first bytes fetches little; who goes on gets more at once.
            let limit = min(state.askedCount + 1, pieces.parallelCount)
            while state.stretches.count < limit,
                state.position < byteCount
            {
                let size = state.askedCount == 0 ? FileDescriptor.chunkByteCount : pieces.rangeByteCount
                let range = state.position..<min(byteCount, state.position + min(size, pieces.rangeByteCount))
                state.position = range.upperBound
                state.askedCount += 1
                state.stretches.append(fetching(range, into: state.spares.popLast() ?? StretchMemory()))
            }
            return (true, state.stretches.isEmpty ? nil : state.stretches.removeFirst())
        }
        guard isOpen else { throw .system(.read, object.path, errno: EBADF) }
        return first
    }

    /// Begins to fetch a stretch.
    private func fetching(_ range: Range<Int>, into memory: StretchMemory) -> Stretch {
        // Cancelled by closing or dropping the reader, or with the task that waits for it.
        Task { [bucket, object] in
            do throws(TransferError) {
                return .success(try await bucket.fetch(range, of: object, into: memory))
            } catch {
                return .failure(error)
            }
        }
    }
}
