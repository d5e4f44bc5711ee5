// SPDX-License-Identifier: Apache-2.0

import Storage

/// The seconds that each stage of a run takes.
struct StageClock {
    private(set) var stages: [Receipt.Stage]
    private var last = ContinuousClock.now

    /// Begins to measure, after stages that were measured elsewhere.
    init(_ stages: [Receipt.Stage] = []) {
        self.stages = stages
    }

    /// Notes that a stage has ended.
    mutating func end(_ name: String) {
        let now = ContinuousClock.now
        stages.append(Receipt.Stage(stage: name, seconds: (now - last).seconds))
        last = now
    }
}
