// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import ServiceLifecycle

/// A service that runs on threads of its own, so that its blocking calls keep no request waiting.
package struct ThreadedService<Work: Service>: Service {
    private let work: Work
    private let threadCount: Int

    /// Gives a service threads.
    ///
    /// - Parameters:
    ///   - work: The service.
    ///   - threadCount: How many threads it and its child tasks share.
    package init(_ work: Work, threadCount: Int) {
        self.work = work
        self.threadCount = threadCount
    }

    package func run() async throws {
        let pool = NIOThreadPool(numberOfThreads: threadCount)
        pool.start()
        do {
            try await withTaskExecutorPreference(ThreadPoolExecutor(pool)) { try await work.run() }
        } catch {
            try? await pool.shutdownGracefully()
            throw error
        }
        try await pool.shutdownGracefully()
    }
}

/// Runs tasks on the threads of a pool.
private final class ThreadPoolExecutor: TaskExecutor {
    private let pool: NIOThreadPool

    init(_ pool: NIOThreadPool) {
        self.pool = pool
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A job has to run whatever the state of the pool, or its task would never end.
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
