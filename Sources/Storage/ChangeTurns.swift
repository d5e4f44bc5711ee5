// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets the parts of a sync that change a data directory go one after the other, while transfers go side by side.
///
/// A turn also holds the data directory's lock for changes, so that other processes wait, but only as long as a turn
/// takes: a slow partner keeps nobody from working.
package final class ChangeTurns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let directory: DataDirectory
    private let state = Mutex(State())

    /// Nobody's turn yet.
    ///
    /// - Parameter directory: The data directory that is changed.
    package init(_ directory: DataDirectory) {
        self.directory = directory
    }

    /// Waits for the turn and works in it.
    ///
    /// - Parameter work: What changes the data directory.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws, or ``Problem`` of kind `data.busy` when another process holds on to the lock.
    package func take<Value>(_ work: () async throws -> Value) async throws -> Value {
        await begin()
        defer { end() }
        let lock = try DirectoryLock(directory, .change, patience: .seconds(600))
        defer { withExtendedLifetime(lock) {} }
        return try await work()
    }

    private func begin() async {
        await withCheckedContinuation { continuation in
            let isMine = state.withLock { state in
                if state.isTaken {
                    state.waiting.append(continuation)
                    return false
                }
                state.isTaken = true
                return true
            }
            if isMine { continuation.resume() }
        }
    }

    private func end() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
