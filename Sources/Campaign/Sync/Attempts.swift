// SPDX-License-Identifier: Apache-2.0

import Transfer

/// Tries work on an external account again where another attempt may succeed, after a pause that grows.
struct Attempts: Sendable {
    /// How often work is tried within one run.
    static let limit = 4

    /// After this time no further attempt begins: a server that never answers should not be waited for again and again.
    private static let patience = Duration.seconds(30)

    /// How often it was tried so far, at least 1 once it began.
    private(set) var count = 0

    /// The first pause; each further one is twice as long.
    private let pause: Duration

    init(pause: Duration = .seconds(1)) {
        self.pause = pause
    }

    /// Does work on an account.
    ///
    /// - Parameter work: What may be done again after any failure, with the same effect.
    /// - Returns: What the work returns.
    /// - Throws: What the last attempt said; ``TransferError/cancelled`` at once.
    mutating func run<Value>(
        _ work: () async throws(TransferError) -> Value
    ) async throws(TransferError) -> Value {
        var failures = 0
        var tries = 0
        let start = ContinuousClock.now
        while true {
            tries += 1
            count = max(count, tries)
            do throws(TransferError) {
                return try await work()
            } catch {
                // A server that stayed silent is asked once more only: waiting for it has taken long enough.
                if case .timedOut = error { failures += 2 }
                failures += 1
                guard error.isTransient, failures < Self.limit, !Task.isCancelled,
                    ContinuousClock.now - start < Self.patience
                else { throw error }
            }
            // Up to a half more, so that several accounts on one server don't come back at the same moment.
            let wait = pause * (1 << (tries - 1)) * Double.random(in: 1...1.5)
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw .cancelled
            }
        }
    }
}
