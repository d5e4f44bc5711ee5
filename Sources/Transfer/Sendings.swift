// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How often the requests of one transfer were sent, where a transport sends single requests again by itself.
package final class Sendings: Sendable {
    private let largest = Mutex(1)

    package init() {}

    /// How often the request that was repeated most was sent, at least 1.
    package var most: Int { largest.withLock { $0 } }

    /// Notes that a request was sent for the so manieth time.
    func note(_ count: Int) {
        largest.withLock { $0 = max($0, count) }
    }
}
