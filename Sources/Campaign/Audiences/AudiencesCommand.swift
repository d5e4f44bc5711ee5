// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Matching
import Problems
import Storage
import Terminal

/// `tallystick audiences`: sets of profiles or addresses, made here or received.
package struct AudiencesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "audiences",
        abstract: "Define, compute, combine, show and share audiences.",
        subcommands: [
            Define.self, PreviewCommand.self, Query.self, Combine.self, List.self, Show.self, Members.self,
            Export.self, Expire.self, Delete.self, ShareCommand.self, UnshareCommand.self,
        ]
    )

    package init() {}
}

/// Options that say which segment an audience follows.
struct DefinitionOptions: ParsableArguments {
    @Option(help: "The segment's ID, as the files write it; or its name at the hub (tallystick hub).")
    var segment: String
    @Option(help: "The shared data source whose files bring it.") var dataSource: String
    @Flag(help: "Keep profiles only, not addresses without a profile (encrypted email or SMS).")
    var forceReconciliation = false
}

/// The option that says when an audience ends.
struct ExpiryOption: ParsableArguments {
    @Option(help: "The day on which the audience is deleted, YYYY-MM-DD.") var expires: String?

    func validate() throws {
        if let expires { try Self.check(expires, "--expires takes") }
    }

    /// Makes sure that a text is a day.
    static func check(_ day: String, _ taker: String) throws {
        guard AudienceStore.isDay(day) else { throw ValidationError("\(taker) a day like 2027-01-31.") }
    }
}

extension AudiencesCommand {
    struct Define: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define an audience that follows a segment of the hub.",
            discussion: """
                Encrypted email or SMS addresses become a File audience of all decrypted addresses, unless \
                reconciliation is forced; all other IDs become an audience of profiles.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people.") var label: String
        @OptionGroup var definition: DefinitionOptions
        @OptionGroup var expiry: ExpiryOption

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let segment = try await HubSegments(campaign).pick(definition.segment)
            let audience = try Audiences(campaign).define(
                label: label,
                segment: segment.id,
                SharedDataSource.ID(definition.dataSource),
                isReconciliationForced: definition.forceReconciliation,
                expires: expiry.expires
            )
            try global.show(AudienceReport(audience, obstacle: segment.obstacle))
        }
    }

    struct Query: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define an audience by a filter over the profiles; it is always current."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people.") var label: String
        @Option(name: .customLong("where"), help: "The filter, like 'country = \"FR\"' (docs/filters.md).")
        var filter: String
        @OptionGroup var expiry: ExpiryOption

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let audience = try Audiences(campaign).query(
                label: label,
                filter: filter,
                expires: expiry.expires
            )
            try global.show(AudienceReport(audience))
        }
    }

    struct Combine: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Combine audiences into a list.",
            discussion: """
                union: in any of them; intersection: in all of them; exclusion: in the first and in none of the others.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "union, intersection or exclusion.") var operation: Audiences.Operation
        @Argument(help: "The audiences' IDs or labels.") var audiences: [String]
        @Option(help: "The name of the list for people.") var label: String
        @OptionGroup var expiry: ExpiryOption

        func validate() throws {
            guard audiences.count >= 2 else { throw ValidationError("Name at least two audiences.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let (audience, seconds) = try Audiences(campaign).combine(
                operation,
                audiences,
                label: label,
                expires: expiry.expires
            )
            try global.show(AudienceReport(audience, combineSeconds: seconds))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the audiences.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "How many at most, 1 to 10,000.") var limit = 1_000
        @Option(help: "Only audiences made after this one.") var after: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10,000.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let audiences = try campaign.read { database in
                try AudienceStore(campaign)
                    .list(limit: limit + 1, after: after.map { Audience.ID($0) }, in: database)
            }
            try global.show(AudiencesReport(audiences, limit: limit))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an audience; a query is computed."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The audience's ID or label.") var audience: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let current = try Audiences(campaign).current(audience)
            let shares = try campaign.read { try ShareStore().shares(of: current.id, in: $0) }
            try global.show(AudienceReport(current, shares: shares))
        }
    }

    struct Members: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the members: profile numbers and external IDs, or addresses."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The audience's ID or label.") var audience: String
        @Option(help: "How many at most; 0 for all.") var limit = 1_000

        func validate() throws {
            guard limit >= 0 else { throw ValidationError("--limit takes a whole number from 0 on.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            try global.show(Audiences(campaign).members(of: audience, limit: limit))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write the members into a CSV file.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The audience's ID or label.") var audience: String
        @Argument(help: "The CSV file to make.") var file: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            try global.show(
                ExportedReport(written: Audiences(campaign).export(audience, to: file), file: file)
            )
        }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the day on which an audience is deleted, or none."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The audience's ID or label.") var audience: String
        @Argument(help: "A day, YYYY-MM-DD, or never.") var day: String

        func validate() throws {
            if day != "never" { try ExpiryOption.check(day, "An audience expires never, or on") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let changed = try campaign.write { database in
                let found = try AudienceStore().find(audience, in: database)
                try AudienceStore().setExpiry(day == "never" ? nil : day, of: found.id, in: database)
                return try AudienceStore().find(found.id.rawValue, in: database)
            }
            try global.show(AudienceReport(changed))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete an audience; its receipts stay."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The audience's ID or label.") var audience: String
        @Flag(help: "Delete it although it is shared; what was shared stays at the other side.")
        var force = false

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let lock = try campaign.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            let deleted = try campaign.write { database in
                let found = try AudienceStore().find(audience, in: database)
                try AudienceStore().delete(found, isForced: force, in: database)
                return found
            }
            try Leftovers(campaign).remove()
            try global.show(DeletedReport(deleted: deleted.id.rawValue))
        }
    }
}

extension Audiences.Operation: ExpressibleByArgument {}

private struct DeletedReport: Report {
    let deleted: String

    var text: String { "\(deleted) is deleted" }
}
