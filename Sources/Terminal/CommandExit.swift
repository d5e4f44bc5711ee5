// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems

/// How a command ended, as the process's exit code says it.
package enum CommandExit {
    /// The command did all of its work.
    package static let done = ExitCode(0)

    /// The command failed; the problem says why.
    package static let failed = ExitCode(1)

    /// The command line was wrong.
    package static let wrongUsage = ExitCode(2)

    /// The work is done, and some lines or rows were rejected.
    package static let doneWithRejects = ExitCode(3)

    /// Runs the program: parses the command line, runs the command, shows problems, chooses the exit code.
    ///
    /// - Parameters:
    ///   - root: The root command.
    ///   - explain: What a person can do about an error that is no problem yet; `nil` for a fault of the program.
    package static func run<Root: AsyncParsableCommand>(
        _ root: Root.Type,
        explaining explain: (any Error) -> Problem?
    ) async -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        forbidCoreDumps()
        do {
            var command = try Root.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            end(0)
        } catch let code as ExitCode {
            end(code.rawValue)
        } catch let problem as Problem {
            show(problem, asJSON: arguments.contains("--json"))
            end((problem.kind == .wrongUsage ? wrongUsage : failed).rawValue)
        } catch {
            let code = Root.exitCode(for: error)
            if code == .success {
                print(Root.fullMessage(for: error))
                end(0)
            }
            if code == .validationFailure {
                if arguments.contains("--json") {
                    show(Problem(.wrongUsage, Root.message(for: error)), asJSON: true)
                } else {
                    FileHandle.standardError.write(Data((Root.fullMessage(for: error) + "\n").utf8))
                }
                end(wrongUsage.rawValue)
            }
            show(explain(error) ?? unexpected(error), asJSON: arguments.contains("--json"))
            end(failed.rawValue)
        }
    }

    /// Ends the process with what it printed written out.
    ///
    /// Without the clean-up of libraries: threads that still close connections would meet freed locks in it.
    private static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    /// A core dump would hold opened secrets and personal data.
    private static func forbidCoreDumps() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    /// A bug or a fault of the machine: its type is named, its text withheld, since it may quote data.
    private static func unexpected(_ error: any Error) -> Problem {
        let kind = String(reflecting: type(of: error))
        let code = (error as NSError).code
        return Problem(
            .unexpected,
            "Something went wrong that Tallystick has no words for (\(kind), \(code))."
        )
    }

    private static func show(_ problem: Problem, asJSON: Bool) {
        let text =
            asJSON
            ? (try? JSONText.encode(ProblemReport(problem))) ?? problem.kind.code
            : "tallystick: \(problem)"
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

/// A problem as JSON, with the keys of RFC 9457 that apply.
private struct ProblemReport: Encodable {
    struct Body: Encodable {
        let code: String
        let summary: String
        let advice: String
        let field: String?
    }

    let problem: Body

    init(_ problem: Problem) {
        self.problem = Body(
            code: problem.kind.code,
            summary: problem.summary,
            advice: problem.advice,
            field: problem.field
        )
    }
}

extension ProblemKind {
    package static let wrongUsage = ProblemKind(
        "program.wrong-usage",
        status: 400,
        meaning: "The command line is wrong.",
        advice: "See the command's --help."
    )
    package static let unexpected = ProblemKind(
        "program.unexpected",
        status: 500,
        meaning: "A fault of the program or of the machine.",
        advice:
            "Run the command again; if it stays, report it with the words in parentheses. Nothing half-done was kept."
    )
}
