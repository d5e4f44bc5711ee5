// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Provisioning
import Terminal

extension ProvisioningRequest.Product: ExpressibleByArgument {}

/// `tallystick provision request`: writes what Campaign asks a People service for.
package struct RequestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "On the Campaign side: write the request to hand over to the People service.",
        discussion: """
            The text holds no secret. Tell the other side its fingerprint by another way, so that nobody can put another \
            request in its place. With --again it is printed again.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Option(help: "The organization's ID, like 5DC5123F5245B1D20A490D46@AdobeOrg.") var organization: String?
    @Option(help: "The organization's name.") var organizationName: String?
    @Option(help: "What it is for.") var environment = "Production"
    @Option(help: "people, or audience-manager where a licence of it is owned.")
    var product = ProvisioningRequest.Product.people
    @Option(help: "declared, visitor, or both joined by a comma.", transform: Self.ids)
    var ids: [ProvisioningRequest.IDKind] = [.declared, .visitor]
    @Option(help: "Anything else that the other side should know.") var information = ""
    @Option(help: "Also write the text into this file.") var output: String?
    @Option(help: "Print the text of this earlier request again.") var again: String?

    package init() {}

    package func validate() throws {
        guard again != nil || (organization != nil && organizationName != nil) else {
            throw ValidationError("A request needs --organization and --organization-name.")
        }
    }

    package func run() async throws {
        let requests = Requests(try Campaign(global.directory))
        let request =
            try again.map { try requests.find($0) }
            ?? requests.write(
                organizationName: organizationName ?? "",
                organizationID: organization ?? "",
                environment: environment,
                product: product,
                ids: ids,
                additionalInformation: information
            )
        if let output { try HandedText.write(request.text, to: output) }
        print(request.text)
        fflush(nil)
        guard !global.wantsJSON else { return }
        let note = """
            Hand this text over to the People service; its fingerprint is \(request.fingerprint).
            There: tallystick provision accept FILE --storage DIR

            """
        FileHandle.standardError.write(Data(note.utf8))
    }

    private static func ids(_ text: String) throws -> [ProvisioningRequest.IDKind] {
        try text.split(separator: ",").map { word in
            guard let kind = ProvisioningRequest.IDKind(rawValue: String(word)) else {
                throw ValidationError("--ids takes declared, visitor, or both joined by a comma.")
            }
            return kind
        }
    }
}

/// `tallystick provision withdraw`: takes a request back.
package struct WithdrawCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "On the Campaign side: take a request back; no answer to it opens any more."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The request's ID.") var request: String

    package init() {}

    package func run() async throws {
        try Requests(Campaign(global.directory)).withdraw(request)
        try global.show(WithdrawnReport(withdrawn: request))
    }
}

private struct WithdrawnReport: Report {
    let withdrawn: String

    var text: String { "\(withdrawn) is withdrawn" }
}

/// `tallystick provision undo`: undoes what completing made.
package struct UndoCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "On the Campaign side: undo what completing a request set up.",
        discussion: "What audiences use stays. A fresh answer may complete the request again."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The request's ID.") var request: String

    package init() {}

    package func run() async throws {
        try global.show(Undoing(Campaign(global.directory)).undo(request))
    }
}
