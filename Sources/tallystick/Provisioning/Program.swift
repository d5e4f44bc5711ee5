// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Provisioning

/// This program as a child process, on one data directory: how the test of an exchange reaches either system.
struct Program {
    /// How a command ended.
    struct Outcome {
        let exitCode: Int32
        let output: Data
        let errors: Data

        /// The code of the problem that it ended with, if it did.
        var problem: PrintedProblem.Body? {
            // Log lines may come before the problem.
            guard exitCode != 0, let start = errors.firstRange(of: Data("{\n".utf8)) else { return nil }
            return try? JSONDecoder().decode(PrintedProblem.self, from: errors[start.lowerBound...]).problem
        }
    }

    /// A problem as commands print it with `--json`.
    struct PrintedProblem: Decodable {
        struct Body: Decodable {
            let code: String
            let summary: String
            let advice: String
        }

        let problem: Body
    }

    /// The data directory.
    let data: String

    /// Runs a command to its end.
    ///
    /// - Parameters:
    ///   - arguments: The command without `--json` and `--data`.
    ///   - isJSON: Whether it prints JSON, not words for people.
    /// - Returns: How it ended, and what it printed.
    /// - Throws: What the system answers when it can't be started.
    func run(_ arguments: [String], isJSON: Bool = true) throws -> Outcome {
        let base = FileManager.default.temporaryDirectory
            .appendingPathComponent("tallystick-\(UUID().uuidString)").path
        let (output, errors) = (base + ".out", base + ".err")
        defer {
            unlink(output)
            unlink(errors)
        }
        let words = arguments + (isJSON ? ["--json"] : []) + ["--data", data]
        let exitCode = try ChildProcess(words, output: output, errors: errors).wait()
        return Outcome(
            exitCode: exitCode,
            output: FileManager.default.contents(atPath: output) ?? Data(),
            errors: FileManager.default.contents(atPath: errors) ?? Data()
        )
    }

    /// Lets commands read a text as a file.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - work: Is given the file's path; the file is gone afterwards.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws, or what writing the file answers.
    func readingFile<Value>(_ text: String, _ work: (String) throws -> Value) throws -> Value {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("tallystick-\(UUID().uuidString).csv").path
        defer { unlink(file) }
        try Data(text.utf8).write(to: URL(filePath: file))
        return try work(file)
    }

    /// Runs a command that must do its work, and reads what it printed.
    ///
    /// - Parameters:
    ///   - type: What it prints.
    ///   - arguments: The command.
    /// - Returns: What it printed; exit code 3 (done with rejects) is an answer, too.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed` with the words of the command; `CancellationError` when
    ///   it was told to end.
    func read<Answer: Decodable>(_ type: Answer.Type, _ arguments: String...) throws -> Answer {
        try read(type, arguments)
    }

    /// Runs a command that must do its work, as ``read(_:_:)-(_,String...)`` does.
    func read<Answer: Decodable>(_ type: Answer.Type, _ arguments: [String]) throws -> Answer {
        let outcome = try run(arguments)
        // Ctrl-C reaches the child, too.
        guard ![-SIGINT, -SIGTERM].contains(outcome.exitCode) else { throw CancellationError() }
        let command = arguments.prefix(2).joined(separator: " ")
        guard outcome.exitCode == 0 || outcome.exitCode == 3 else {
            let words =
                outcome.problem.map { "\($0.summary) (\($0.code))" } ?? "exit code \(outcome.exitCode)"
            throw Problem(
                .testFailed,
                "`tallystick \(command)` failed: \(words)",
                advice: outcome.problem?.advice
            )
        }
        do {
            return try JSONDecoder().decode(type, from: outcome.output)
        } catch {
            throw Problem(
                .testFailed,
                "`tallystick \(command)` printed what this version does not understand."
            )
        }
    }
}
