// SPDX-License-Identifier: Apache-2.0

import Storage

/// What failed a moment ago and is not tried again until something changes or some time passes.
package struct SyncHesitation: Sendable {
    private static let pause = Duration.seconds(30)

    private var sets: [ImportSet.Key: (newest: Int, until: ContinuousClock.Instant)] = [:]
    private var exports: (change: Int, until: ContinuousClock.Instant)?

    package init() {}

    func holds(_ set: ImportSet) -> Bool {
        guard let held = sets[set.key] else { return false }
        return held.newest == set.newest && ContinuousClock.now < held.until
    }

    mutating func note(_ set: ImportSet) {
        sets[set.key] = (set.newest, ContinuousClock.now + Self.pause)
    }

    func holdsExports(of change: Int) -> Bool {
        guard let exports else { return false }
        return exports.change == change && ContinuousClock.now < exports.until
    }

    mutating func note(exports receipts: [Receipt], change: Int) {
        let hasFailed = receipts.contains { $0.state == .failed }
        exports = hasFailed ? (change, ContinuousClock.now + Self.pause) : nil
    }
}
