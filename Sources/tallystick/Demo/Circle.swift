// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Provisioning
import Synchronization
import Terminal

/// The steps of the circle: each command is a process of its own, as two people on two machines would run it.
final class Circle: Sendable {
    private static let organization = "5DC5123F5245B1D20A490D46@AdobeOrg"
    private static let patience = Duration.seconds(30)

    private let directory: String
    private let files: String
    private let isQuiet: Bool
    private let watches = Mutex<[ChildProcess]>([])

    /// Prepares the circle.
    ///
    /// - Parameters:
    ///   - directory: An empty directory with a folder `share` that both sides see.
    ///   - files: The demo's files.
    ///   - isQuiet: Whether nothing is printed on the way.
    init(directory: String, files: String, isQuiet: Bool) {
        self.directory = directory
        self.files = files
        self.isQuiet = isQuiet
    }

    private var campaign: Program { Program(data: "\(directory)/campaign") }
    private var people: Program { Program(data: "\(directory)/people") }

    /// Walks the circle.
    ///
    /// - Returns: The receipts of both sides.
    /// - Throws: ``Problem`` where a command fails.
    func run() async throws -> CircleReport {
        let start = ContinuousClock.now
        title("Two systems, each with a data directory and a process of its own")
        try say(campaign, "init")
        try say(campaign, "profiles", "load", "\(files)/profiles.csv", "--key", "externalId")
        try say(people, "people", "init", "--organization", Self.organization)
        try watch(campaign, ["sync"])
        try watch(people, ["people", "sync"])
        try provision()
        return try await exchange(since: start)
    }

    /// Ends the processes that watch, each by its number.
    func stop() {
        for process in watches.withLock({ $0 }) {
            note("process \(process.id) ended with exit code \(process.terminate())")
        }
        watches.withLock { $0 = [] }
    }

    // The steps

    private func provision() throws {
        let (request, answer) = ("\(directory)/request.json", "\(directory)/answer.txt")
        title("Campaign asks: the first text")
        try say(
            campaign,
            "provision",
            "request",
            "--organization",
            Self.organization,
            "--organization-name",
            "Example Shops",
            "--information",
            "declared IDs are AES-256",
            "--output",
            request
        )
        title("The People service accepts: the second text, sealed to the first one's key")
        try say(
            people,
            "provision",
            "accept",
            request,
            "--storage",
            "\(directory)/share",
            "--yes",
            "--output",
            answer
        )
        title("Campaign completes, and ten synthetic people travel both ways")
        try say(
            campaign,
            "provision",
            "complete",
            answer,
            "--key",
            "email",
            "--normalize",
            "trim,lower",
            "--cipher",
            "aes-256-cbc",
            "--key-file",
            "\(files)/keys/email.key.hex",
            "--iv-file",
            "\(files)/keys/email.iv.hex",
            "--channel",
            "email",
            "--accept-terms",
            "--yes",
            "--people-data",
            people.data
        )
    }

    private func exchange(since start: ContinuousClock.Instant) async throws -> CircleReport {
        struct Numbered: Decodable {
            let sid: Int
        }
        struct Written: Decodable {
            struct Source: Decodable {
                let number: Int
                let name: String
            }
            let dataSources: [Source]
        }
        struct Audience: Decodable {
            let id: String
            let count: Int
        }
        title("A segment on the People side, and an audience that is shared into it")
        let sources = try people.read(Written.self, "people", "data-sources", "list").dataSources
        guard let declared = sources.first(where: { $0.name.contains("DeclaredId") })?.number else {
            throw Problem(.testFailed, "The People service has no data source of declared IDs.")
        }
        let name = "French customers"
        let trait = try hear(
            Numbered.self,
            people,
            "people",
            "traits",
            "create",
            "--name",
            name,
            "--data-source",
            "\(declared)",
            "--onboarded"
        )
        .sid
        let segment = try hear(
            Numbered.self,
            people,
            "people",
            "segments",
            "create",
            "--name",
            name,
            "--data-source",
            "\(declared)",
            "--rule",
            "\(trait)T"
        )
        .sid
        try say(people, "people", "destinations", "map", "\(try destination(of: declared))", "\(segment)")
        try say(campaign, "audiences", "query", "--label", name, "--where", "country = \"FR\"")
        let back = try hear(
            Audience.self,
            campaign,
            "audiences",
            "define",
            "--label",
            "\(name), back again",
            "--segment",
            "\(segment)",
            "--data-source",
            "declaredId",
            "--force-reconciliation"
        )
        let arguments = [
            "audiences", "share", name, "--segment", "\(trait)", "--data-source", "declaredId", "--replace",
        ]
        command(campaign, arguments)
        let exchange = Exchange(campaign: campaign, people: .directory(people), patience: Self.patience)
        var shared = 0
        let legs = try await exchange.legs(of: "\(segment)", size: { $0.added ?? 0 }, members: nil) {
            let receipt = try campaign.read(
                CampaignReceipt.self,
                "audiences",
                "share",
                name,
                "--segment",
                "\(trait)",
                "--data-source",
                "declaredId",
                "--replace"
            )
            shared = receipt.added ?? 0
            return receipt
        }
        note("the two processes did the rest")
        return CircleReport(
            directory: directory,
            legs: legs,
            shared: shared,
            returned: try campaign.read(Audience.self, "audiences", "show", back.id).count,
            seconds: (ContinuousClock.now - start) / .seconds(1)
        )
    }

    private func destination(of source: Int) throws -> Int {
        struct Destinations: Decodable {
            struct Destination: Decodable {
                let number: Int
                let keyDataSource: Int
            }
            let destinations: [Destination]
        }
        let all = try people.read(Destinations.self, "people", "destinations", "list").destinations
        return all.first { $0.keyDataSource == source }?.number ?? 0
    }

    private func watch(_ program: Program, _ command: [String]) throws {
        let arguments = command + ["--watch", "--data", program.data]
        let log = "\(program.data).log"
        let process = try ChildProcess(arguments, output: log)
        watches.withLock { $0.append(process) }
        line("\n$ tallystick \(arguments.joined(separator: " ")) > \(log) &")
        note("process \(process.id)")
    }

    // Words

    /// Runs a command and shows it with what it says.
    private func say(_ program: Program, _ arguments: String...) throws {
        command(program, arguments)
        let outcome = try program.run(arguments, isJSON: false)
        guard outcome.exitCode == 0 || outcome.exitCode == 3 else {
            let words = String(decoding: outcome.errors, as: UTF8.self)
            throw Problem(
                .testFailed,
                "`tallystick \(arguments.prefix(2).joined(separator: " "))` failed.\n\(words)"
            )
        }
        line(Self.shortened(String(decoding: outcome.output, as: UTF8.self)))
    }

    /// Runs a command and shows it, and reads what it answers.
    private func hear<Answer: Decodable>(_ type: Answer.Type, _ program: Program, _ arguments: String...)
        throws
        -> Answer
    {
        command(program, arguments)
        let outcome = try program.run(arguments)
        guard outcome.exitCode == 0 else {
            throw Problem(.testFailed, outcome.problem?.summary ?? "A command failed.")
        }
        return try JSONDecoder().decode(type, from: outcome.output)
    }

    private func title(_ text: String) { line("\n── \(text)") }

    private func note(_ text: String) { line("  (\(text))") }

    private func command(_ program: Program, _ arguments: [String]) {
        let words = (arguments + ["--data", program.data]).map { word in
            word.contains { !$0.isLetter && !$0.isNumber && !"-_./=,:@".contains($0) } ? "'\(word)'" : word
        }
        line("\n$ tallystick \(words.joined(separator: " "))")
    }

    private func line(_ text: String) {
        guard !isQuiet else { return }
        print(text)
        fflush(nil)
    }

    /// Very long lines, as a sealed answer is one, are cut.
    private static func shortened(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.count > 160 ? "\($0.prefix(100))… (\($0.count) characters)" : String($0) }
            .joined(separator: "\n")
            .trimmingCharacters(in: .newlines)
    }
}
