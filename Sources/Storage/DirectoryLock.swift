// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// A lock on the data directory that ends with the process, however the process ends.
///
/// Built on `flock`, so a killed process leaves no stale lock behind.
package final class DirectoryLock: Sendable {
    /// What is locked.
    package struct Purpose: Sendable {
        let name: String

        /// One `sync` at a time; a second one leaves.
        package static let sync = Purpose(name: "sync")

        /// One exchange of the People service at a time.
        package static let peopleSync = Purpose(name: "people-sync")

        /// One server at a time; a second one leaves.
        package static let serve = Purpose(name: "serve")

        /// One change at a time; a second one waits.
        package static let change = Purpose(name: "change")

        /// One export to an account at a time; taken before ``change``, never after it.
        ///
        /// - Parameter account: The account's ID.
        /// - Returns: What is locked.
        package static func exports(to account: String) -> Purpose { Purpose(name: "exports-\(account)") }
    }

    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - purpose: What to lock.
    ///   - patience: How long to wait for another process; zero leaves at once.
    /// - Throws: ``Problem`` of kind `data.busy` when another process holds the lock for longer than that, or
    ///   `data.not-writable`.
    package init(_ directory: DataDirectory, _ purpose: Purpose, patience: Duration = .zero) throws {
        let path = "\(directory.path)/\(purpose.name).lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(.dataNotWritable, "The lock file \(path) can't be opened.")
        }
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard clock.now < deadline else {
                close(descriptor)
                throw Problem(
                    .dataBusy,
                    "Another Tallystick process is at work on \(directory.path) (\(purpose.name))."
                )
            }
            usleep(50_000)
        }
    }

    deinit {
        close(descriptor)
    }
}
