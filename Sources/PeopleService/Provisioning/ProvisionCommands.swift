// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Provisioning
import Storage
import Terminal

/// `tallystick provision accept`: makes what Campaign asks for, and answers.
package struct AcceptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "On the People side: make what a request asks for, and write the answer.",
        discussion: """
            Shows first what will be made. Accepting the same request again makes nothing twice and gives a fresh answer. \
            The answer is sealed: only the Campaign that wrote the request can open it.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The file with the request's text, or - for standard input.") var request: String
    @Option(help: "A directory that both sides see: folders are made in it.") var storage: String?
    @Option(help: "The external account that the other side's files come from, instead of --storage.")
    var inboundAccount: String?
    @Option(help: "The external account that gets files for the other side, instead of --storage.")
    var outboundAccount: String?
    @Option(help: "The number of the data source of visitor IDs; the next free one from 14016 on.")
    var midNumber: Int?
    @Option(help: "The number of the data source of declared IDs; the next free one from 14016 on.")
    var declaredNumber: Int?
    @Option(help: "full: destinations write all members each time; iter: what changed.") var mode:
        Destination.Mode?
    @Option(
        help:
            "Where the other side reaches the API of `tallystick serve`; a token for it goes into the answer."
    )
    var apiUrl: String?
    @Option(help: "For how many days the answer is good, 1 to 90.") var expires = 7
    @Option(help: "Also write the answer's text into this file.") var output: String?
    @Flag(help: "Show what would be made, and make nothing.") var dryRun = false
    @Flag(help: "Make it without asking.") var yes = false

    package init() {}

    package func validate() throws {
        guard (1...90).contains(expires) else { throw ValidationError("--expires takes 1 to 90 days.") }
        guard !dryRun || !yes else {
            throw ValidationError("--dry-run makes nothing, and --yes makes it: give one of them.")
        }
    }

    package func run() async throws {
        let service = try PeopleService(global.directory)
        let text = try HandedText.read(request, orThrow: .requestRefused)
        var options = AcceptanceOptions()
        options.storage = storage
        options.inboundAccount = inboundAccount
        options.outboundAccount = outboundAccount
        options.visitorNumber = midNumber
        options.declaredNumber = declaredNumber
        options.mode = mode
        options.apiURL = apiUrl
        options.expiresDays = expires
        let acceptance = Acceptance(try ProvisioningRequest(parsing: text), options, service)
        let preview = try acceptance.preview()
        guard !dryRun else { return try global.show(preview) }
        try Confirmation.ask(preview.text, isGiven: yes)
        let report = try acceptance.accept()
        if let output, let answer = report.answer { try HandedText.write(answer, to: output) }
        try global.show(report)
    }
}

/// `tallystick provision revoke`: undoes what was made for a request.
package struct RevokeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "On the People side: undo what was made for a request.",
        discussion: "Data sources that hold people's IDs stay, and so does what others use; files stay, too."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The request's ID.") var request: String

    package init() {}

    package func run() async throws {
        try global.show(Revocation(PeopleService(global.directory)).revoke(request))
    }
}

/// The requests that a People service accepted, as commands show them.
package struct AcceptedRequest: Encodable, Sendable {
    package let request: String
    package let state: String
    package let organizationName: String
    package let environment: String
    package let fingerprint: String
    package let created: Int64
    package let dataSources: [Int]

    /// All of them, the newest first.
    ///
    /// - Parameter service: The installation.
    /// - Returns: One for each request that was accepted.
    /// - Throws: What the database answers.
    package static func all(_ service: PeopleService) throws -> [AcceptedRequest] {
        try service.read { try ProvisioningStore().list(in: $0) }.map { made in
            AcceptedRequest(
                request: made.request.request,
                state: made.state.rawValue,
                organizationName: made.request.organizationName,
                environment: made.request.environment,
                fingerprint: made.request.fingerprint,
                created: made.request.created,
                dataSources: made.sources.map(\.number)
            )
        }
    }
}
