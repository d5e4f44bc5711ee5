// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A command that is killed at growing delays, each time on a fresh copy of the same directory.
package struct KillSeries {
    private let template: String
    private let root: String

    /// Prepares copies.
    ///
    /// - Parameters:
    ///   - template: The directory, in which nobody is at work.
    ///   - root: Where copies are made.
    package init(of template: String, in root: String) {
        self.template = template
        self.root = root
    }

    /// Makes a copy.
    package func copy(_ name: String) throws -> String {
        let copy = "\(root)/\(name)"
        try FileManager.default.copyItem(atPath: template, toPath: copy)
        return copy
    }

    /// Runs a command on copies and kills it after growing parts of the time that it takes.
    ///
    /// - Parameters:
    ///   - arguments: The command on a copy.
    ///   - data: The data directory in a copy.
    ///   - count: How often.
    ///   - time: How long the command takes when nobody kills it.
    ///   - check: Is given each copy, and after which part of the time the command was killed.
    /// - Returns: How often the command had not ended by itself.
    /// - Throws: What the checks throw, or what the system answers.
    package func run(
        _ arguments: (String) -> [String],
        in data: (String) -> String = { $0 },
        count: Int,
        lasting time: Duration,
        _ check: (String, Double) async throws -> Void
    ) async throws -> Int {
        var kills = 0
        for number in 0..<count {
            let copy = try copy("killed-\(number)")
            let part = (Double(number) + 0.5) / Double(count)
            let program = try ProgramProcess(arguments(copy), data: data(copy))
            if try await program.kill(after: time * part) { kills += 1 }
            try await check(copy, part)
            try FileManager.default.removeItem(atPath: copy)
        }
        return kills
    }
}
