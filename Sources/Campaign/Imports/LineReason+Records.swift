// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

extension LineReason {
    /// State and reason as a record of a rejected line writes them.
    func end(in state: LineState) -> RejectedRecords.End {
        Self.ends[state.position * Self.allCases.count + Int(rawValue)]
    }

    private static let ends: [RejectedRecords.End] = LineState.allCases.flatMap { state in
        Self.allCases.map { RejectedRecords.End(state, $0.code) }
    }
}

extension RejectedLinesReader {
    /// Reads the rejected lines of imports.
    static let ofImports = RejectedLinesReader { LineReason(code: $0)?.hint ?? "" }
}
