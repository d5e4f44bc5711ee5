// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The built program as a process of its own, for what can't be seen from inside: exit codes and sudden ends.
struct ProgramProcess {
    /// The program that was built beside the tests; `nil` when it was not built.
    static let path: String? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = (tests as NSString).deletingLastPathComponent + "/tallystick"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    private let process = Process()

    /// Starts the program on a data directory; what it prints is thrown away.
    init(_ arguments: [String], data: String) throws {
        process.executableURL = URL(filePath: Self.path ?? "/nowhere")
        process.arguments = arguments
        process.environment = ["TALLYSTICK_DATA": data]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Runs the program to its end.
    static func exitCode(_ arguments: String..., data: String) throws -> Int32 {
        let program = try ProgramProcess(arguments, data: data)
        program.process.waitUntilExit()
        return program.process.terminationStatus
    }

    /// Kills the program after some time, unless it ended before; no handler of it runs.
    func kill(after delay: Duration) async throws -> Bool {
        try await Task.sleep(for: delay)
        let isRunning = process.isRunning
        if isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return isRunning && process.terminationReason == .uncaughtSignal
    }

    /// Asks the program to end, as a service manager does.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -1
    }

    var isRunning: Bool { process.isRunning }
}
