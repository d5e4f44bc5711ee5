// SPDX-License-Identifier: Apache-2.0

import Transfer

/// Tries work on an external account again where another attempt may succeed, after a pause that grows.
package struct Attempts: Sendable {
    /// How often work is tried within one run.
    package static let limit = 4

    /// After this time no further attempt begins: a server that never answers should not be waited for again and again.
    private static let patience = Duration.seconds(30)

    /// How often the request that was repeated most was sent so far, at least 1 once work began; where the transport
    /// never repeats one by itself, how often the work was tried.
    package private(set) var count = 0

    /// The first pause; each further one is twice as long.
    private let pause: Duration

    package init(pause: Duration = .seconds(1)) {
        self.pause = pause
    }

    /// Does work on an account.
    ///
    /// - Parameters:
    ///   - transport: The way to the account.
    ///   - work: What may be done again after any failure, with the same effect, over the transport that it is given.
    /// - Returns: What the work returns.
    /// - Throws: What the last attempt said; ``TransferError/cancelled`` at once.
    package mutating func run<Value>(
        over transport: any Transport,
        _ work: (any Transport) async throws(TransferError) -> Value
    ) async throws(TransferError) -> Value {
        var failures = 0
        var tries = 0
        var sent = 0
        let start = ContinuousClock.now
        while true {
            tries += 1
            let sendings = Sendings()
            defer {
                sent += sendings.most
                count = max(count, sent)
            }
            do throws(TransferError) {
                return try await work(transport.counting(in: sendings))
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
