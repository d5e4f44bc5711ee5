// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick demo exchange`, or just `tallystick demo`: the exchange in both directions, with the commands that people
/// type, as `Program` lists them.
package struct DemoCommand<Program: ParsableCommand>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "exchange",
            abstract: "Show both directions on invented people, in a directory of its own.",
            discussion: """
                Runs the program's own commands on files that were made with OpenSSL and a script (Demo/make-files), \
                and prints each command with what it says. Everything stays in the directory, to look at afterwards.
                """
        )
    }

    @Option(
        name: [.long, .customLong("data")],
        help: "The directory to work in; one of an earlier demo is replaced."
    ) var directory = "tallystick-demo"
    @Flag(help: "Print the receipts as JSON, and nothing of the commands.") var json = false
    @Option(help: "The directory with the demo's files.") var files = "Demo"

    package init() {}

    package func run() async throws {
        try prepare()
        guard !json else { return try await runQuietly() }
        let clock = ContinuousClock()
        let start = clock.now
        for step in DemoStep.all(files: files, directory: directory) {
            switch step {
            case .title(let text):
                print("\n── \(text)")
            case .command(let arguments):
                try await run(arguments)
            case .deliver(let names):
                try deliver(names)
            }
        }
        print("\nThat took \((clock.now - start).seconds.secondsText). Look around:")
        print("  tallystick receipts list --data \(directory)/data")
        print("  tallystick receipts rejected R1 --data \(directory)/data")
        print("  gzip -dc \(directory)/outbox/*.gz | head")
    }

    /// Runs all commands with their output left out, then prints what they came to.
    private func runQuietly() async throws {
        let output = dup(STDOUT_FILENO)
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        dup2(nowhere, STDOUT_FILENO)
        defer {
            close(output)
            close(nowhere)
        }
        do {
            for step in DemoStep.all(files: files, directory: directory) {
                switch step {
                case .title: break
                case .command(let arguments): try await run(arguments)
                case .deliver(let names): try deliver(names)
                }
            }
        } catch {
            fflush(nil)
            dup2(output, STDOUT_FILENO)
            throw error
        }
        fflush(nil)
        dup2(output, STDOUT_FILENO)
        let campaign = try Campaign(DataDirectory(path: "\(directory)/data"))
        let receipts = try campaign.read { try ReceiptStore().list(limit: 1_000, in: $0) }
        print(
            try JSONText.encode(
                DemoReport(directory: directory, receipts: receipts.reversed().map(ReceiptReport.init))
            )
        )
    }

    private func prepare() throws {
        let manager = FileManager.default
        guard manager.fileExists(atPath: "\(files)/profiles.csv") else {
            throw Problem(
                .fileUnreadable,
                "The demo's files are not in \(files).",
                advice: "Run the demo from the project's root, or name the directory with --files."
            )
        }
        let marker = "\(directory)/.tallystick-demo"
        if manager.fileExists(atPath: directory) {
            guard manager.fileExists(atPath: marker) else {
                throw Problem(
                    .fileNotWritable,
                    "\(directory) exists and is no directory of a demo.",
                    advice: "Name another directory with --directory."
                )
            }
            try manager.removeItem(atPath: directory)
        }
        for part in ["", "/inbox", "/outbox"] {
            try manager.createDirectory(atPath: directory + part, withIntermediateDirectories: true)
        }
        try Data().write(to: URL(fileURLWithPath: marker))
    }

    private func deliver(_ names: [String]) throws {
        for name in names {
            try FileManager.default.copyItem(
                atPath: "\(files)/inbound/\(name)",
                toPath: "\(directory)/inbox/\(name)"
            )
            print("  (the hub delivers \(name))")
        }
    }

    private func run(_ arguments: [String]) async throws {
        print("\n$ tallystick \(arguments.map(Self.quoted).joined(separator: " "))")
        do {
            var command = try Program.parseAsRoot(arguments + ["--data", "\(directory)/data"])
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode where code == CommandExit.doneWithRejects {
            print("(exit code 3: done with rejects)")
        }
    }

    private static func quoted(_ argument: String) -> String {
        argument.contains { !$0.isLetter && !$0.isNumber && !"-_./=,:".contains($0) }
            ? "'\(argument)'" : argument
    }
}

private struct DemoReport: Encodable {
    let directory: String
    let receipts: [ReceiptReport]
}
