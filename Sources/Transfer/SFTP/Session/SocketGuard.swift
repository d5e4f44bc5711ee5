// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization

/// Ends blocking work on a connection from outside: when its time is up, or when nobody waits for it any longer.
///
/// The connection is shut down, so that whatever waits for it fails at once; the guard keeps why.
final class SocketGuard: Sendable {
    private struct State {
        var socket: FileDescriptor?
        var reason: TransferError?
        var phase = 0
    }

    private let state = Mutex(State())

    /// Why the connection was ended by us, nothing where it was not.
    var reason: TransferError? { state.withLock { $0.reason } }

    /// Guards another connection from now on, by a descriptor of its own.
    func watch(_ socket: Int32) throws(TransferError) {
        let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .system(.connect, nil, errno: errno) }
        let reason = state.withLock { state -> TransferError? in
            state.socket = FileDescriptor(copy)
            return state.reason
        }
        if let reason { throw reason }
    }

    /// Ends the connection, and every later one.
    func cut(_ reason: TransferError) {
        state.withLock { state in
            if state.reason == nil { state.reason = reason }
            if let socket = state.socket { _ = shutdown(socket.number, Int32(SHUT_RDWR)) }
        }
    }

    /// Does blocking work that has to be done in a time.
    func within<Value>(
        _ limit: Duration,
        _ work: () throws(TransferError) -> Value
    ) throws(TransferError) -> Value {
        let phase = state.withLock { state in
            state.phase += 1
            return state.phase
        }
        defer { state.withLock { $0.phase += 1 } }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.seconds) { [weak self] in
            guard let self, state.withLock({ $0.phase == phase }) else { return }
            cut(.timedOut(seconds: limit.seconds))
        }
        do throws(TransferError) {
            let value = try work()
            if let reason { throw reason }
            return value
        } catch {
            throw reason ?? error
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { self / .seconds(1) }
}
