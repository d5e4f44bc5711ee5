// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Terminal

/// `tallystick demo circle`: Campaign and a People service provision each other and exchange an audience.
struct CircleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circle",
        abstract:
            "Show the whole circle: two systems, two processes, two small texts, an audience there and back.",
        discussion: """
            Runs the program's own commands on two data directories, while each system exchanges files in a process of \
            its own. Everything stays in the directory, to look at afterwards.
            """
    )

    @Option(help: "The directory to work in; one of an earlier demo is replaced.") var directory =
        "tallystick-circle"
    @Option(help: "The directory with the demo's files.") var files = "Demo"
    @Flag(help: "Print the receipts of both sides as JSON, and nothing of the commands.") var json = false

    func run() async throws {
        try prepare()
        let circle = Circle(directory: directory, files: files, isQuiet: json)
        let report: CircleReport
        do {
            report = try await circle.run()
        } catch {
            circle.stop()
            throw error
        }
        circle.stop()
        print(json ? try JSONText.encode(report) : report.text)
        if !report.passed { throw CommandExit.failed }
    }

    private func prepare() throws {
        let manager = FileManager.default
        guard manager.fileExists(atPath: "\(files)/profiles.csv") else {
            throw Problem(
                .wrongUsage,
                "The demo's files are not in \(files).",
                advice: "Run the demo from the project's root, or name the directory with --files.",
                field: "files"
            )
        }
        let marker = "\(directory)/.tallystick-demo"
        if manager.fileExists(atPath: directory) {
            guard manager.fileExists(atPath: marker) else {
                throw Problem(
                    .wrongUsage,
                    "\(directory) exists and is no directory of a demo.",
                    advice: "Name another directory with --directory.",
                    field: "directory"
                )
            }
            try manager.removeItem(atPath: directory)
        }
        try manager.createDirectory(atPath: "\(directory)/share", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: marker))
    }
}

/// What the circle came to.
struct CircleReport: Report {
    let directory: String
    let legs: [ExchangeLeg]
    /// IDs that were shared, and members that came back.
    let shared: Int
    let returned: Int
    let seconds: Double

    /// Whether both sides say the same of every file, and somebody came back.
    var passed: Bool { legs.allSatisfy(\.agrees) && shared > 0 && returned >= shared }

    var text: String {
        """

        \(ExchangeLeg.table(legs))

        \(shared) encrypted IDs went out, \(returned) people came back; \(passed ? "the receipts of both sides agree" : "THE SIDES DISAGREE").
        The whole circle took \(seconds.secondsText). Look around:
          tallystick receipts list --data \(directory)/campaign
          tallystick people receipts list --data \(directory)/people
          gzip -dc \(directory)/share/*/inbound/*.gz | head -3
        """
    }
}
