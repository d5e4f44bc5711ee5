// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage

@testable import PeopleService

extension TestPeople {
    /// Runs a command of the People service on the installation.
    func run(_ command: any ParsableCommand.Type, _ line: String...) async throws {
        try await run(command, line)
    }

    /// Runs a command of the People service on the installation.
    func run(_ command: any ParsableCommand.Type, _ line: [String]) async throws {
        var parsed = try command.parseAsRoot(line + ["--json", "--data", service.directory.path])
        if var command = parsed as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try parsed.run()
        }
    }
}

/// The code of the problem that some work ends with, and the field that it marks.
func fault(_ work: () async throws -> Void) async -> String? {
    do {
        try await work()
        return nil
    } catch {
        guard let problem = error as? Problem else { return "\(error)" }
        return problem.kind.code + (problem.field.map { " \($0)" } ?? "")
    }
}
