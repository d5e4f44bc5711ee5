// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import Synchronization

/// Keeps our threads out of libcrypto while the process exits.
///
/// libcrypto gives back its memory on exit, whoever still uses it. So on exit, work that uses it is stopped first and
/// waited for, a second at most.
enum ExitGate {
    private struct State {
        var isExiting = false
        var stops: [Int: @Sendable () -> Void] = [:]
        var nextNumber = 0
    }

    private static let state = Mutex(State())

    /// Done once: what is registered later runs earlier on exit, so libcrypto has to be the first.
    private static let isRegistered: Bool = {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_LOAD_CRYPTO_STRINGS), nil)
        return atexit { ExitGate.stopAll() } == 0
    }()

    /// Does work that `stop`, called from another thread, ends soon; nothing where the process is exiting.
    static func pass<Value>(stop: @escaping @Sendable () -> Void, _ work: () -> Value) -> Value? {
        _ = isRegistered
        let number = state.withLock { state -> Int? in
            guard !state.isExiting else { return nil }
            state.nextNumber += 1
            state.stops[state.nextNumber] = stop
            return state.nextNumber
        }
        guard let number else { return nil }
        defer { state.withLock { $0.stops[number] = nil } }
        return work()
    }

    private static func stopAll() {
        let stops = state.withLock { state in
            state.isExiting = true
            return Array(state.stops.values)
        }
        for stop in stops { stop() }
        for _ in 0..<1_000 where state.withLock({ !$0.stops.isEmpty }) { usleep(1_000) }
    }
}
