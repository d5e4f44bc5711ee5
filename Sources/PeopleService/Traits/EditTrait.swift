// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// `tallystick people traits edit`.
struct EditTrait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a trait; what is not named stays.",
        discussion: """
            Its data source and its kind stay for good. Another rule counts for signals from now on: what was realized \
            stays. Another lifetime counts for what was realized, too, and segments follow at once.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The trait's number.") var sid: Int
    @Option(help: "The name for people.") var name: String?
    @Option(help: "What it means.") var description: String?
    @Option(help: "The number of the folder that it lies in; 0 is the top.") var folder: Int?
    @Option(help: "The rule over signals.") var rule: String?
    @Option(help: "The folder that a folder trait sums up.") var ofFolder: Int?
    @Option(name: .customLong("ttl"), help: "For how many days a realization lasts; 0 for ever.")
    var lifetime: Int?
    @Option(help: "An alternative name.") var integrationCode: String?
    @Flag(help: "Take its alternative name away.") var noIntegrationCode = false

    func validate() throws {
        guard integrationCode == nil || !noIntegrationCode else {
            throw ValidationError("An option and its --no-… contradict each other.")
        }
    }

    func run() async throws {
        let service = try PeopleService(global.directory)
        _ = try Traits(service).update(sid) { trait in
            trait.name = name ?? trait.name
            trait.description = try description.map(APIText.description) ?? trait.description
            trait.folder = folder.map { $0 == 0 ? nil : $0 } ?? trait.folder
            trait.rule = rule ?? trait.rule
            trait.summedFolder = ofFolder ?? trait.summedFolder
            trait.lifetimeDays = lifetime ?? trait.lifetimeDays
            trait.integrationCode = noIntegrationCode ? nil : integrationCode ?? trait.integrationCode
        }
        try global.show(TraitReport.load(sid, service))
    }
}
