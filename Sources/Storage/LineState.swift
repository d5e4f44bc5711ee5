// SPDX-License-Identifier: Apache-2.0

/// The state in which a line ends, exactly one for each line.
package enum LineState: String, Sendable, CaseIterable {
    case matched
    case duplicate
    case unknown
    case malformed
    case undecryptable
    case ambiguous
    case suppressed
    case excess
    case notRequested = "not requested"

    /// Whether the line ended without a member, for a reason that somebody may want to mend.
    package var isReject: Bool {
        switch self {
        case .matched, .duplicate, .notRequested: false
        default: true
        }
    }
}

/// How many lines ended in each state.
package struct LineCounts: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: LineState.allCases.count)

    package init() {}

    package subscript(state: LineState) -> Int {
        get { counts[state.position] }
        set { counts[state.position] = newValue }
    }

    /// All lines.
    package var sum: Int { counts.reduce(0, +) }

    /// The lines that were rejected.
    package var rejects: Int {
        LineState.allCases.reduce(0) { $1.isReject ? $0 + self[$1] : $0 }
    }
}

extension LineState {
    /// The state's place in tables of counts.
    package var position: Int {
        switch self {
        case .matched: 0
        case .duplicate: 1
        case .unknown: 2
        case .malformed: 3
        case .undecryptable: 4
        case .ambiguous: 5
        case .suppressed: 6
        case .excess: 7
        case .notRequested: 8
        }
    }
}
