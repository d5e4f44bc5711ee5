// SPDX-License-Identifier: Apache-2.0

import NIOPosix

/// Work that blocks, kept off the threads that requests share.
package enum BlockingWork {
    /// One thread for changes: while one waits for the lock of the data directory, reading goes on.
    ///
    /// As long-lived as the process, like the pool for reading.
    private static let changes: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// Reads.
    ///
    /// - Parameter work: What to do; several at a time.
    /// - Returns: What it returns.
    /// - Throws: What it throws.
    package static func read<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await NIOThreadPool.singleton.runIfActive(work)
    }

    /// Changes something.
    ///
    /// - Parameter work: What to do; one after the other.
    /// - Returns: What it returns.
    /// - Throws: What it throws.
    package static func change<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await changes.runIfActive(work)
    }

    /// Changes something when the changes before it are done; nobody waits for it.
    package static func later(_ work: @escaping @Sendable () -> Void) {
        changes.submit { state in
            if case .active = state { work() }
        }
    }
}
