// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Storage
import Terminal

/// `tallystick profiles fields`: the standard and the custom fields.
struct FieldsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fields",
        abstract: "List the profile fields, or add one.",
        subcommands: [Add.self, List.self],
        defaultSubcommand: List.self
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a custom field to every profile.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The name: cus and then letters or digits.") var name: String
        @Option(help: "string, integer, number, boolean, date, datetime or enumeration(a,b,…).")
        var type: String
        @Flag(help: "Refuse values that another profile has.") var unique = false

        func validate() throws {
            guard ProfileFieldStore.types.contains(String(type.prefix { $0 != "(" })) else {
                throw ValidationError(
                    "--type takes string, integer, number, boolean, date, datetime or enumeration(a,b,…)."
                )
            }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let lock = try campaign.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            let field = try campaign.write { database in
                try ProfileFieldStore.add(name: name, type: type, isUnique: unique, in: database)
            }
            try global.show(FieldsReport([field]))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the profile fields.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            try global.show(FieldsReport(campaign.read { try ProfileFieldStore.all(in: $0) }))
        }
    }
}

private struct FieldsReport: Report {
    struct Entry: Encodable {
        let name: String
        let label: String
        let type: String
        let unique: Bool
        let custom: Bool
    }

    let fields: [Entry]

    init(_ fields: [ProfileField]) {
        self.fields = fields.map { field in
            Entry(
                name: field.name,
                label: field.label,
                type: field.typeName,
                unique: field.isUnique,
                custom: field.isCustom
            )
        }
    }

    var text: String {
        var table = TextTable("FIELD", "TYPE", "UNIQUE", "LABEL")
        for field in fields {
            table.add(field.name, field.type, field.unique ? "yes" : "", field.label)
        }
        return table.text
    }
}
