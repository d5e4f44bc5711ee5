// SPDX-License-Identifier: Apache-2.0

import Problems
import Provisioning
import UnixSignals

/// Work that clears away what it made before Ctrl-C or SIGTERM ends the program.
enum Interruption {
    /// Runs work that is cancelled when the program is asked to end.
    ///
    /// - Parameter work: The work; it may take its time to clear away once it is cancelled.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws; ``Problem`` of kind `provisioning.test-failed` when it was cancelled.
    static func cancelling<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
                return nil
            }
            defer { group.cancelAll() }
            do {
                if let value = try await group.next() ?? nil { return value }
                group.cancelAll()
                if let value = try await group.next() ?? nil { return value }
            } catch is CancellationError {}
            throw Problem(
                .testFailed,
                "The test was interrupted; what it had made was removed.",
                advice: "Run `tallystick provision test` to test again."
            )
        }
    }
}
