// SPDX-License-Identifier: Apache-2.0

import CLibSSH
import Glibc
import Synchronization

/// What tasks ask a connection's thread for.
final class SFTPQueue: Sendable {
    /// A request and where its reply goes.
    struct Item: Sendable {
        let request: SFTPRequest
        let reply: Promise<SFTPReply>
    }

    private struct State {
        var items: [Item] = []
        var isClosing = false
        var isStopping = false
        var end: TransferError?
        var userCount = 0
    }

    private let state = Mutex(State())
    private let bell: FileDescriptor

    init() throws(TransferError) {
        let number = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard number >= 0 else { throw .system(.connect, nil, errno: errno) }
        bell = FileDescriptor(number)
    }

    /// The descriptor that becomes readable when there is something to do.
    var bellNumber: Int32 { bell.number }

    /// Asks for something; nothing but an error comes where the connection has ended.
    func add(_ request: SFTPRequest) -> Promise<SFTPReply> {
        let item = Item(request: request, reply: Promise())
        let (end, isFirst) = state.withLock { state -> (TransferError?, Bool) in
            guard state.end == nil else { return (state.end, false) }
            state.items.append(item)
            return (nil, state.items.count == 1)
        }
        if let end { item.reply.keep(.failure(end)) }
        if isFirst { ring() }
        return item.reply
    }

    /// Lets the connection end when everything asked for has been answered.
    func close() {
        state.withLock { $0.isClosing = true }
        ring()
    }

    /// Lets the connection end at once.
    func stop() {
        state.withLock { state in
            state.isClosing = true
            state.isStopping = true
        }
        ring()
    }

    /// Whether the connection is to end at once.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Why the connection has ended or soon will, nothing as long as it serves.
    var end: TransferError? { state.withLock { $0.end ?? ($0.isClosing ? .disconnected : nil) } }

    /// Counts who uses the connection, perhaps without asking for anything just now.
    func changeUserCount(by difference: Int) {
        state.withLock { $0.userCount += difference }
    }

    /// Whether anybody uses the connection.
    var isInUse: Bool { state.withLock { $0.userCount > 0 } }

    /// Hands over what was asked for since the last time, and whether this was all.
    func take() -> (items: [Item], isClosing: Bool) {
        state.withLock { state in
            defer { state.items = [] }
            return (state.items, state.isClosing)
        }
    }

    /// Notes that the connection has ended, and fails what was asked for meanwhile.
    func finish(_ error: TransferError) {
        let items = state.withLock { state in
            state.end = error
            defer { state.items = [] }
            return state.items
        }
        for item in items { item.reply.keep(.failure(error)) }
    }

    /// Silences the bell.
    func silence() {
        var count: UInt64 = 0
        _ = Glibc.read(bell.number, &count, 8)
    }

    private func ring() {
        var count: UInt64 = 1
        _ = Glibc.write(bell.number, &count, 8)
    }
}
