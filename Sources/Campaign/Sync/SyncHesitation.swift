// SPDX-License-Identifier: Apache-2.0

import Storage
import Synchronization

/// What failed a moment ago and is not tried again until something changes or some time passes.
///
/// The pause doubles with each failure in a row: 30 seconds, a minute, two, up to ten minutes.
package final class SyncHesitation: Sendable {
    private static let shortest = Duration.seconds(30)
    private static let longest = Duration.seconds(600)

    private struct Held {
        var newest: Int
        var failures: Int
        var until: ContinuousClock.Instant
    }

    private struct State {
        var sets: [ImportSet.Key: Held] = [:]
        var exports: [String: (change: Int, failures: Int, until: ContinuousClock.Instant)] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    func holds(_ set: ImportSet) -> Bool {
        state.withLock { state in
            guard let held = state.sets[set.key] else { return false }
            return held.newest == set.newest && ContinuousClock.now < held.until
        }
    }

    func note(_ set: ImportSet, hasFailed: Bool) {
        state.withLock { state in
            guard hasFailed else {
                state.sets[set.key] = nil
                return
            }
            let earlier = state.sets[set.key].flatMap { $0.newest == set.newest ? $0.failures : nil } ?? 0
            state.sets[set.key] = Held(
                newest: set.newest,
                failures: earlier + 1,
                until: ContinuousClock.now + Self.pause(after: earlier)
            )
        }
    }

    func holdsExports(to account: String, of change: Int) -> Bool {
        state.withLock { state in
            guard let held = state.exports[account] else { return false }
            return held.change == change && ContinuousClock.now < held.until
        }
    }

    func note(exports receipts: [Receipt], to account: String, change: Int) {
        let hasFailed = receipts.contains { $0.state == .failed }
        state.withLock { state in
            let earlier = state.exports[account].flatMap { $0.change == change ? $0.failures : nil } ?? 0
            state.exports[account] =
                hasFailed ? (change, earlier + 1, ContinuousClock.now + Self.pause(after: earlier)) : nil
        }
    }

    private static func pause(after failures: Int) -> Duration {
        min(longest, shortest * (1 << min(failures, 5)))
    }
}
