// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick profiles`: the people that Campaign may address.
package struct ProfilesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "Load, show and export profiles.",
        subcommands: [
            Load.self, FieldsCommand.self, Show.self, Count.self, Export.self, LinkVisitors.self,
            Delete.self,
        ]
    )

    package init() {}
}

/// Options that say which column of a file fills which field.
struct MappingOptions: ParsableArguments {
    @Option(
        name: .customLong("map"),
        help: ArgumentHelp("A column of the file and the field it fills.", valueName: "column=field")
    )
    var pairs: [String] = []

    func validate() throws {
        _ = try mapping()
    }

    /// The mapping, column name to field name.
    func mapping() throws -> [String: String] {
        var mapping: [String: String] = [:]
        for pair in pairs {
            guard let equals = pair.lastIndex(of: "="), equals != pair.startIndex else {
                throw ValidationError("--map takes COLUMN=FIELD, like --map Mail=email.")
            }
            let field = String(pair[pair.index(after: equals)...])
            guard mapping.updateValue(field, forKey: String(pair[..<equals])) == nil else {
                throw ValidationError("--map takes each column once; a column fills one field.")
            }
        }
        return mapping
    }
}

extension ProfilesCommand {
    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Insert or update profiles from a CSV file.",
            discussion: """
                UTF-8 with a header row; comma, semicolon or tab. A row whose key is known updates that profile. \
                Rows that can't be loaded are kept with line, column and reason.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The CSV file.") var file: String
        @Option(help: "The field by which profiles are recognised, like externalId or email.") var key: String
        @OptionGroup var columns: MappingOptions
        @Flag(help: "Find out what would happen and change nothing.") var dryRun = false

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let load = ProfileLoad(campaign, key: key, mapping: try columns.mapping(), isDryRun: dryRun)
            let report = try load.run(file)
            try global.show(report)
            if report.rejected > 0 { throw CommandExit.doneWithRejects }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show profiles by the value of a field.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The field and its value, or number=N.", valueName: "field=value"))
        var condition: String

        func validate() throws {
            guard condition.contains("=") else {
                throw ValidationError("Name a field and a value, like externalId=C-17.")
            }
        }

        func run() async throws {
            let name = String(condition.prefix { $0 != "=" })
            let value = String(condition.dropFirst(name.count + 1))
            let campaign = try Campaign(global.directory)
            let cards = try campaign.read { database in
                if name == "number", let number = Int64(value) {
                    return try ProfileStore().find(number: number, in: database).map { [$0] } ?? []
                }
                let field = try ProfileFieldStore.field(named: name, in: database)
                return try ProfileStore().find(field, value, limit: 100, in: database)
            }
            guard !cards.isEmpty else {
                throw Problem(.profileUnknown, "No profile has this \(name).")
            }
            try global.show(ProfilesReport(cards))
        }
    }

    struct Count: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say how many profiles there are.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            try global.show(CountReport(count: campaign.read { try ProfileStore().count(in: $0) }))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all profiles into a CSV file that `profiles load` reads back."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The CSV file to make.") var file: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            try global.show(ExportedReport(written: ProfileExport(campaign).write(file), file: file))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete profiles by the value of a field.",
            discussion: """
                They leave all audiences with their visitor links; what was shared of them is removed by the next sync of \
                shares with --replace. More than one profile is deleted with --all only.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The field and its value, or number=N.", valueName: "field=value"))
        var condition: String
        @Flag(help: "Delete all profiles that have the value, not only one.") var all = false

        func validate() throws {
            guard condition.contains("=") else {
                throw ValidationError("Name a field and a value, like externalId=C-17.")
            }
        }

        func run() async throws {
            let name = String(condition.prefix { $0 != "=" })
            let value = String(condition.dropFirst(name.count + 1))
            let campaign = try Campaign(global.directory)
            let deleted = try ProfileDeletion(campaign).delete(name, value, isPlural: all)
            try global.show(DeletedProfilesReport(deleted: deleted))
        }
    }

    struct LinkVisitors: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "link-visitors",
            abstract: "Link visitor IDs with profiles from a CSV file.",
            discussion: """
                One column is visitorId, another one is the key field; a third one, linked (ISO 8601), may say \
                when the browser was seen. Without it a later row is more recent than an earlier one.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The CSV file.") var file: String
        @Option(help: "The field by which profiles are recognised.") var key: String
        @OptionGroup var columns: MappingOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let report = try VisitorLinkLoad(campaign, key: key, mapping: columns.mapping()).run(file)
            try global.show(report)
            if report.rejected > 0 { throw CommandExit.doneWithRejects }
        }
    }
}

struct ProfilesReport: Report {
    /// A value in the JSON type of its field.
    enum Value: Encodable {
        case truth(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)

        init(_ text: String, of field: ProfileField) {
            switch field.kind {
            case .boolean: self = .truth(text == "true")
            case .integer: self = Int64(text).map(Value.integer) ?? .text(text)
            case .number: self = Double(text).map(Value.number) ?? .text(text)
            default: self = .text(text)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .truth(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            }
        }
    }

    struct Entry: Encodable {
        let number: Int64
        let fields: [String: Value]
        let visitors: Int
    }

    let profiles: [Entry]
    let text: String

    enum CodingKeys: CodingKey {
        case profiles
    }

    init(_ cards: [ProfileStore.Card]) {
        profiles = cards.map { card in
            Entry(
                number: card.number,
                fields: Dictionary(
                    card.values.map { ($0.field.name, Value($0.text, of: $0.field)) }
                ) { first, _ in first },
                visitors: card.visitorCount
            )
        }
        text = cards.map { card in
            let lines = card.values.map { "  \($0.field.name): \($0.text)" }
            return (["profile \(card.number)"] + lines + ["  visitor IDs: \(card.visitorCount)"]).joined(
                separator: "\n"
            )
        }
        .joined(separator: "\n")
    }
}

struct DeletedProfilesReport: Report {
    let deleted: Int

    var text: String { deleted == 1 ? "1 profile is deleted" : "\(deleted.grouped) profiles are deleted" }
}

struct CountReport: Report {
    let count: Int

    var text: String { count.grouped }
}

struct ExportedReport: Report {
    let written: Int
    let file: String

    var text: String { "\(written.grouped) rows in \(file)" }
}
