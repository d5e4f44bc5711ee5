// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Provisioning
import Storage
import Terminal

/// `tallystick people`: the hub that owns traits and segments, takes inbound files and writes outbound ones.
package struct PeopleCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "The People service: data sources, traits, segments, destinations and their files.",
        subcommands: [
            PeopleInitCommand.self, DataSourcesCommand.self, TraitsCommand.self, SegmentsCommand.self,
            FoldersCommand.self,
            MergeRulesCommand.self, DestinationsCommand.self, PeopleSyncCommand.self, ReceiptsCommand.self,
            OptOutCommand.self, AccessCommand.self, DeleteCommand.self, PrivacyCommand.self,
            TokensCommand.self,
        ]
    )

    package init() {}
}

/// `tallystick people init`.
struct PeopleInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the People service's database in a data directory.",
        discussion: "An installation that exists stays as it is. The directory may hold Campaign, too."
    )

    @OptionGroup var global: GlobalOptions
    @Option(help: "The organization's ID, like 5DC5123F5245B1D20A490D46@AdobeOrg.") var organization: String

    func run() async throws {
        guard let id = OrganizationID(organization) else {
            throw Problem(
                .wrongUsage,
                OrganizationID.form,
                field: "organization"
            )
        }
        let existed = global.directory.holds(.people)
        try PeopleService.create(global.directory, organization: id)
        try global.show(
            InitReport(data: global.directory.path, organization: organization, created: !existed)
        )
    }
}

private struct InitReport: Report {
    let data: String
    let organization: String
    let created: Bool

    var text: String {
        created
            ? """
            \(data) is ready for the People service of \(organization). Keep a copy of sealing.key.
            Next: tallystick people data-sources create --number N --name NAME --integration-code CODE --id-type cross-device
            """
            : "\(data) exists already and stays as it is."
    }
}

/// The options of commands that list things by number.
struct PageOptions: ParsableArguments {
    @Option(help: "How many at most, 1 to 10,000.") var limit = 1_000
    @Option(help: "Only those with larger numbers.") var after = -1

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10,000.") }
    }
}

/// A list as commands show it.
struct ListReport<Item: Report>: Report {
    let items: [Item]
    private let key: String
    private let table: TextTable
    private let isCut: Bool

    /// A list under a key of the JSON.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - items: The entries.
    ///   - table: The same for people.
    ///   - limit: How many entries were asked for; where there are as many, people are told that there may be more.
    init(_ key: String, _ items: [Item], table: TextTable, limit: Int = .max) {
        self.key = key
        self.items = items
        self.table = table
        isCut = items.count == limit
    }

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(items, forKey: Key(stringValue: key))
    }

    var text: String { table.text + (isCut ? "\n… and perhaps more (--limit shows more)" : "") }
}
