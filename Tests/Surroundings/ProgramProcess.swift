// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The built program as a process of its own, for what can't be seen from inside: exit codes, what is printed, and
/// sudden ends.
package struct ProgramProcess {
    /// The program that was built beside the tests; `nil` when it was not built.
    package static let path: String? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = (tests as NSString).deletingLastPathComponent + "/tallystick"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// What the program printed, and how it ended.
    package struct Outcome {
        /// The exit code, or the negative number of the signal that ended it.
        package let exitCode: Int32
        package let output: String
        package let errors: String
    }

    private let process = Process()
    private let heard: (output: Pipe, errors: Pipe)?

    /// Starts the program on a data directory.
    ///
    /// - Parameters:
    ///   - arguments: The command.
    ///   - data: The data directory.
    ///   - launcher: A command that runs the program in other surroundings.
    ///   - isHeard: Whether what it prints is kept for ``finish()`` or thrown away.
    /// - Throws: What the system answers when it can't be started.
    package init(_ arguments: [String], data: String, through launcher: [String] = [], isHeard: Bool = false)
        throws
    {
        let program = Self.path ?? "/nowhere"
        process.executableURL = URL(filePath: launcher.isEmpty ? program : "/usr/bin/env")
        process.arguments = launcher.isEmpty ? arguments : launcher + [program] + arguments
        process.environment = ["TALLYSTICK_DATA": data]
        heard = isHeard ? (Pipe(), Pipe()) : nil
        process.standardOutput = heard?.output ?? FileHandle.nullDevice
        process.standardError = heard?.errors ?? FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Only the program's ends stay open, so that they close with it.
        try heard?.output.fileHandleForWriting.close()
        try heard?.errors.fileHandleForWriting.close()
    }

    /// Runs the program to its end and hears what it prints.
    package static func run(_ arguments: String..., data: String, through launcher: [String] = []) throws
        -> Outcome
    {
        try ProgramProcess(arguments, data: data, through: launcher, isHeard: true).finish()
    }

    /// Runs the program to its end.
    package static func exitCode(_ arguments: String..., data: String) throws -> Int32 {
        try ProgramProcess(arguments, data: data).finish().exitCode
    }

    /// Waits for the program's end.
    package func finish() throws -> Outcome {
        let output = try heard?.output.fileHandleForReading.readToEnd() ?? Data()
        let errors = try heard?.errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let isExit = process.terminationReason == .exit
        return Outcome(
            exitCode: isExit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self)
        )
    }

    /// Kills the program after some time, unless it ended before; no handler of it runs.
    package func kill(after delay: Duration) async throws -> Bool {
        try await Task.sleep(for: delay)
        return kill()
    }

    /// Kills the program once something can be seen of its work, unless it ends before.
    package func kill(at moment: () -> Bool) -> Bool {
        while process.isRunning, !moment() { usleep(100) }
        return kill()
    }

    private func kill() -> Bool {
        let isRunning = process.isRunning
        if isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return isRunning && process.terminationReason == .uncaughtSignal
    }

    /// Stops the program once something can be seen of its work; it goes on with ``resume()``.
    ///
    /// - Returns: Whether it stands still at that moment; if not, it goes on by itself or has ended.
    package func pause(at moment: () -> Bool) -> Bool {
        while process.isRunning, !moment() { usleep(100) }
        Glibc.kill(process.processIdentifier, SIGSTOP)
        while process.isRunning, !isStopped { usleep(100) }
        guard isStopped, moment() else {
            resume()
            return false
        }
        return true
    }

    /// Lets a stopped program go on.
    package func resume() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGCONT)
    }

    /// How far the program has read a file, in bytes; `nil` while it does not have it open.
    package func position(in path: String) -> Int? {
        let folder = "/proc/\(process.processIdentifier)"
        let files = FileManager.default
        let number = (try? files.contentsOfDirectory(atPath: "\(folder)/fd"))?.first { number in
            (try? files.destinationOfSymbolicLink(atPath: "\(folder)/fd/\(number)")) == path
        }
        guard let number,
            let text = try? String(contentsOfFile: "\(folder)/fdinfo/\(number)", encoding: .utf8)
        else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix("pos:") }
            .flatMap { Int($0.dropFirst(4).trimmingCharacters(in: .whitespaces)) }
    }

    /// What the system tells of the program: a file of its folder in `/proc`.
    package func record(_ name: String) throws -> String {
        try String(contentsOfFile: "/proc/\(process.processIdentifier)/\(name)", encoding: .utf8)
    }

    private var isStopped: Bool {
        let path = "/proc/\(process.processIdentifier)/stat"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: ")").last?.hasPrefix(" T") == true
    }

    /// Asks the program to end, as a service manager does.
    package func terminate() -> Int32 { end(with: SIGTERM) { true } }

    /// Sends the program a signal once something can be seen of its work, and waits for its end.
    ///
    /// - Returns: The exit code, or the negative number of the signal that ended it.
    package func end(with signal: Int32, at moment: () -> Bool) -> Int32 {
        while process.isRunning, !moment() { usleep(1_000) }
        if process.isRunning { Glibc.kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    package var isRunning: Bool { process.isRunning }
}
