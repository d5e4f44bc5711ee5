// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import Problems
import Provisioning
import Storage
import Terminal

/// The options of a test of the exchange.
struct ExchangeTestOptions: ParsableArguments {
    @Option(help: "The People service's data directory, where it is on this machine.") var peopleData: String?
    @Option(help: "How many seconds to wait for a hop that the other side does, 1 to 3,600.") var wait = 120

    func validate() throws {
        guard (1...3_600).contains(wait) else { throw ValidationError("--wait takes 1 to 3600 seconds.") }
    }

    /// Runs the test of a request.
    ///
    /// - Parameters:
    ///   - id: The request; the one that was completed last, unless said.
    ///   - global: Campaign's data directory.
    /// - Returns: The receipts of both sides.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed` or `provisioning.test-impossible`.
    func run(_ id: String?, _ global: GlobalOptions) async throws -> ExchangeTestReport {
        let requests = try Requests(Campaign(global.directory)).list()
        guard let request = requests.first(where: { id == nil ? $0.state == "completed" : $0.request == id }),
            request.state == "completed"
        else {
            throw Problem(
                .testImpossible,
                "There is no completed request\(id.map { " \($0)" } ?? "").",
                advice: "Run `tallystick provision complete` with the answer of the People service."
            )
        }
        guard let setUp = request.test else {
            throw Problem(
                .testImpossible,
                "The shared data source that \(request.request) set up is gone, so there is nothing to test.",
                advice: "Run `tallystick provision complete` with a fresh answer of the People service."
            )
        }
        let test = try ExchangeTest(
            request.request,
            setUp,
            campaign: global.directory.path,
            people: peopleData ?? (global.directory.holds(.people) ? global.directory.path : nil),
            patience: .seconds(wait)
        )
        return try await Interruption.cancelling { try await test.run() }
    }
}

/// `tallystick provision test`: ten synthetic people travel both ways.
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "On the Campaign side: send ten synthetic people there and back, and compare the receipts.",
        discussion: """
            The receipts of the People service come from its HTTP API, where Campaign knows it (`tallystick hub set`). \
            With --people-data both sides are on this machine: receipts come from its data directory, and a People \
            service that is not exchanging files is made to. Everything is removed again.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: ExchangeTestOptions
    @Option(help: "The request; the one that was completed last, unless said.") var request: String?

    func run() async throws {
        let report = try await options.run(request, global)
        try global.show(report)
        if !report.passed { throw CommandExit.failed }
    }
}

/// `tallystick provision complete`: sets up Campaign's half from the answer, and tests the exchange.
struct CompleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract:
            "On the Campaign side: set up accounts and shared data sources from the answer, and test them.",
        discussion: """
            Shows first what will be made; what is set up otherwise is never overwritten. The same answer again changes \
            nothing.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The file with the answer's text, or - for standard input.") var answer: String
    @OptionGroup var completion: CompletionArguments
    @OptionGroup var test: ExchangeTestOptions
    @Flag(help: "Leave out the test with ten synthetic people.") var noTest = false
    @Flag(help: "Show what would be made, and make nothing.") var dryRun = false
    @Flag(help: "Make it without asking.") var yes = false

    func run() async throws {
        let text = try HandedText.read(answer, orThrow: .answerRefused)
        let half = Completion(try Campaign(global.directory))
        let preview = try half.preview(text, completion)
        guard !dryRun else { return try global.show(preview) }
        try Confirmation.ask(preview.text, isGiven: yes)
        let made = try await half.complete(text, completion)
        guard !noTest, made.termsAccepted else {
            return try global.show(CompletedReport(completed: made, test: nil))
        }
        if !global.wantsJSON { try global.show(made) }
        let tested = try await test.run(made.request, global)
        try global.show(CompletedReport(completed: made, test: tested, isTold: true))
        if !tested.passed { throw CommandExit.failed }
    }
}

/// What completing made, with the test of it.
private struct CompletedReport: Report {
    let completed: CompletionReport
    let test: ExchangeTestReport?
    /// Whether the first half was printed before the test.
    var isTold = false

    private enum CodingKeys: CodingKey {
        case completed, test
    }

    var text: String {
        guard let test else { return completed.text }
        return isTold ? test.text : "\(completed.text)\n\(test.text)"
    }
}
