// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A flag by which a cancelled task stops blocking work that it waits for.
final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let observer: (@Sendable () -> Bool)?

    /// A flag that is not raised, with a closure that may raise it when the work asks.
    init(observer: (@Sendable () -> Bool)? = nil) {
        self.observer = observer
    }

    func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    /// Ends the work where it has been cancelled.
    func check() throws(TransferError) {
        if observer?() == true { cancel() }
        guard !flag.load(ordering: .relaxed) else { throw .cancelled }
    }
}
