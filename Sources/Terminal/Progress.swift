// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Progress of long work on standard error, where a person watches a terminal; silent otherwise.
package final class Progress: Sendable {
    private struct State {
        var last = ContinuousClock.now
        var isShown = false
    }

    private let title: String
    private let isVisible: Bool
    private let state = Mutex(State())

    /// Starts to report on a piece of work.
    ///
    /// - Parameter title: What is being done, like "loading profiles".
    package init(_ title: String) {
        self.title = title
        isVisible = isatty(STDERR_FILENO) == 1
    }

    /// Shows how far the work is, at most five times a second.
    ///
    /// - Parameters:
    ///   - done: How many are done.
    ///   - total: How many there are, where that is known.
    ///   - unit: What is counted, like "lines".
    package func show(_ done: Int, of total: Int? = nil, _ unit: String) {
        guard isVisible else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            guard now - state.last > .milliseconds(200) else { return }
            state.last = now
            state.isShown = true
            let portion = total.map { $0 > 0 ? " of \($0.grouped) (\(done * 100 / $0) %)" : "" } ?? ""
            write("\r\u{1B}[K\(title): \(done.grouped)\(portion) \(unit)")
        }
    }

    /// Clears the line.
    package func finish() {
        state.withLock { state in
            guard state.isShown else { return }
            state.isShown = false
            write("\r\u{1B}[K")
        }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
