// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Terminal

/// This program once more, as a child process whose output goes into files.
///
/// Files and not pipes: nobody has to read while the child runs, and a child that stays can be looked at.
struct ChildProcess: Sendable {
    /// The process's number.
    let id: pid_t

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: The command with all of its options.
    ///   - output: The file for its standard output, made anew.
    ///   - errors: The file for its standard error, made anew; the same one for both when `nil`.
    /// - Throws: ``Problem`` of kind `program.unexpected` when the system refuses.
    init(_ arguments: [String], output: String, errors: String? = nil) throws {
        let program = "/proc/self/exe"
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: program)) ?? program
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, flags, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child = pid_t()
        let code = posix_spawn(&child, path, &actions, nil, &words, environ)
        guard code == 0 else {
            throw Problem(.unexpected, "The program can't be started as a child process (error \(code)).")
        }
        id = child
    }

    /// Waits for its end.
    ///
    /// - Returns: The exit code, or the negative number of the signal that ended it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 {
            guard errno == EINTR else { return -1 }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : -signal
    }

    /// Asks it to end, as a service manager does, and waits for that.
    ///
    /// - Returns: As ``wait()`` does.
    func terminate() -> Int32 {
        kill(id, SIGTERM)
        return wait()
    }
}
