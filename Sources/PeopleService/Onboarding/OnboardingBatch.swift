// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// One block of lines after a worker has read them; what depends on other blocks is still open.
struct OnboardingBatch {
    /// A line that follows its grammar, or why it does not.
    struct Line {
        /// Where the line lies in its block.
        let span: ByteSpan
        /// Where its ID lies.
        let id: ByteSpan
        /// The key of its ID.
        var key: IDKey
        /// The number of its ID, ``OnboardingBatch/noNumber`` if the index does not know it.
        var number: IDNumber
        /// Why it can't be used, as far as a worker can tell.
        var reason: OnboardingReason
        /// The end of its operations among those of the batch.
        var operationsEnd: Int
        /// What its signals are.
        var signals: Signals
    }

    /// How many signals a line has.
    struct Signals {
        var all: UInt32 = 0
        /// Those that no trait asks for.
        var unused: UInt32 = 0
        /// Those that name a trait that the file may not touch.
        var failed: UInt32 = 0
    }

    /// The number of an ID that the index does not know.
    static let noNumber = IDNumber.max

    let block: LineBlock
    /// The number of the first line in its file, from 1.
    let firstLine: Int
    var lines: [Line] = []
    /// For each trait that a line adds or removes: its place among all, doubled, one more for a removal.
    var operations: [UInt32] = []
    /// How many values were given up because a regular expression took too long for them.
    var abandonedRuleCount = 0
    /// The traits with such regular expressions.
    var abandonedTraits: Set<SID> = []
}
