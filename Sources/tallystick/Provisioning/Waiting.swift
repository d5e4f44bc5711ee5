// SPDX-License-Identifier: Apache-2.0

import Terminal

/// Waiting for something that another process does, shown where a person watches a terminal.
struct Waiting {
    private let progress: Progress
    private let start = ContinuousClock.now
    private let patience: Duration

    /// Begins to wait.
    ///
    /// - Parameters:
    ///   - what: What is waited for, like "import of segment 101".
    ///   - patience: How long.
    init(for what: String, _ patience: Duration) {
        progress = Progress("waiting for the \(what)")
        self.patience = patience
    }

    /// Whether to go on waiting.
    func goesOn() -> Bool {
        let waited = ContinuousClock.now - start
        progress.show(Int(waited / .seconds(1)), of: Int(patience / .seconds(1)), "seconds")
        return waited < patience
    }

    /// Clears the line.
    func finish() {
        progress.finish()
    }
}
