// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import PeopleService
import Storage
import Terminal

/// `tallystick provision`: two systems set up their exchange with two small texts.
///
/// Here and not in a system, because each half belongs to one of them, and the test drives both.
struct ProvisionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provision",
        abstract: "Set up the exchange between Campaign and a People service, undo it and test it.",
        discussion: """
            Campaign:  provision request … > request.json
            People:    provision accept request.json --storage DIR > answer.txt
            Campaign:  provision complete answer.txt --key email …
            """,
        subcommands: [
            RequestCommand.self, AcceptCommand.self, CompleteCommand.self, TestCommand.self,
            RequestsCommand.self,
            WithdrawCommand.self, RevokeCommand.self, UndoCommand.self,
        ]
    )
}

/// `tallystick provision requests`: what was asked for and accepted in a data directory.
struct RequestsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "List the requests that were written here, and those that were accepted here."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let directory = global.directory
        let holdsPeople = directory.holds(.people)
        // A directory that holds neither says so as Campaign's commands do.
        let written =
            try directory.holds(.campaign) || !holdsPeople ? Requests(Campaign(directory)).list() : []
        let accepted = try holdsPeople ? AcceptedRequest.all(PeopleService(directory)) : []
        try global.show(RequestsReport(requests: written, accepted: accepted))
    }
}

private struct RequestsReport: Report {
    let requests: [RequestReport]
    let accepted: [AcceptedRequest]

    var text: String {
        var table = TextTable("REQUEST", "SYSTEM", "STATE", "ORGANIZATION", "ENVIRONMENT", "FINGERPRINT")
        for request in requests {
            table.add(
                request.request,
                "Campaign",
                request.state,
                request.organizationName,
                request.environment,
                request.fingerprint
            )
        }
        for request in accepted {
            table.add(
                request.request,
                "People",
                request.state,
                request.organizationName,
                request.environment,
                request.fingerprint
            )
        }
        return table.text
    }
}
