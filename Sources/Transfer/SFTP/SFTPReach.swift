// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization

/// One way to a server, taken step by step; each step leaves for the next what it found.
final class SFTPReach: Sendable {
    private struct State {
        var addresses: [ServerAddress] = []
        var socket: Int32?
        var session: SSHSession?
    }

    private let pool: SFTPPool
    private let approach: SFTPApproach
    private let state = Mutex(State())

    init(_ pool: SFTPPool) {
        self.pool = pool
        approach = SFTPApproach(settings: pool.settings)
    }

    deinit {
        if let socket = state.withLock({ $0.socket }) { _ = close(socket) }
    }

    /// The steps, each of which expects the one before.
    var steps: [ReachStep] {
        [
            step(.resolve) { [self] () throws(TransferError) in
                let addresses = try approach.resolve()
                state.withLock { $0.addresses = addresses }
                return .addresses(addresses.map(\.description))
            },
            step(.connect) { [self] () throws(TransferError) in
                let socket = try approach.connect(to: state.withLock { $0.addresses })
                state.withLock { $0.socket = socket }
                return nil
            },
            step(.hostKey) { [self] () throws(TransferError) in
                let (socket, addresses) = state.withLock { state in
                    defer { state.socket = nil }
                    return (state.socket, state.addresses)
                }
                guard let socket else { throw .disconnected }
                let (session, key) = try approach.begin(on: socket, addresses)
                state.withLock { $0.session = session }
                return .hostKey(key.fingerprint)
            },
            step(.signIn) { [self] () throws(TransferError) in
                let session = state.withLock { state in
                    defer { state.session = nil }
                    return state.session
                }
                guard let session else { throw .disconnected }
                let greeting = try approach.signIn(session)
                pool.add(try SFTPConnection(session, greeting, pool.settings))
                let methods = greeting.methods.joined(separator: ", then ")
                return .note("\(methods.isEmpty ? "no sign-in asked for" : methods); \(greeting.serverName)")
            },
        ]
    }

    private func step(
        _ name: ConnectionStep.Name,
        _ work: @escaping @Sendable () throws(TransferError) -> ConnectionStep.Finding?
    ) -> ReachStep {
        ReachStep(name) { [approach] () throws(TransferError) in
            // A server with keys of several kinds may be connected to three times.
            try await approach.run(within: approach.settings.connectTimeout * 4, work)
        }
    }
}

extension SFTPApproach {
    /// Does blocking work away from the cooperative pool; ends the connection where the task is cancelled.
    func run<Value: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable () throws(TransferError) -> Value
    ) async throws(TransferError) -> Value {
        let promise = begin(within: limit, work)
        do throws(TransferError) {
            return try await promise.value()
        } catch {
            if error == .cancelled { socketGuard.cut(.cancelled) }
            throw error
        }
    }

    /// Begins blocking work away from the cooperative pool, whose result comes in time or is an error.
    func begin<Value: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable () throws(TransferError) -> Value
    ) -> Promise<Value> {
        let promise = Promise<Value>()
        DispatchQueue(label: "tallystick.sftp.reach").async {
            let outcome = ExitGate.pass(stop: { [socketGuard] in socketGuard.cut(.cancelled) }) {
                Result { () throws(TransferError) in try work() }
            }
            promise.keep(outcome ?? .failure(.cancelled))
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.seconds) {
            [weak promise, weak socketGuard] in
            guard let promise, promise.outcome == nil else { return }
            promise.keep(.failure(.timedOut(seconds: limit.seconds)))
            socketGuard?.cut(.timedOut(seconds: limit.seconds))
        }
        return promise
    }
}
