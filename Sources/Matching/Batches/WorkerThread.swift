// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread of the operating system, outside the cooperative pool, for long work that may block.
struct WorkerThread {
    private let handle: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread; none if the system has no room for one.
    init?(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        var handle = pthread_t()
        let code = pthread_create(
            &handle,
            nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            body.toOpaque()
        )
        guard code == 0 else {
            body.release()
            return nil
        }
        self.handle = handle
    }

    /// Waits for the end of the thread.
    func join() {
        pthread_join(handle, nil)
    }
}
