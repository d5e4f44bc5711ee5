// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Terminal

/// `tallystick hub`: the hub's HTTP API, by which segments are picked and made by name.
package struct HubCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "hub",
        abstract: "Say where the hub's HTTP API is, and look at its segments and receipts.",
        discussion: "Files are exchanged without it; with it, segments have names and sizes.",
        subcommands: [Set.self, Show.self, ListAudiences.self, ListReceipts.self]
    )

    package init() {}

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say where the hub is and with which token Campaign uses it; the token is kept sealed."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The hub's address, https://HOST[:PORT]; http:// for this machine only.") var url:
            String
        @Option(help: "A file that holds the token, - for standard input.") var tokenFile: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let token = try SecretFile.read(tokenFile, option: "token-file")
            let settings = try HubSettings(url: url, token: token)
            let total = try await HubClient(settings).audiences(search: nil, limit: 1).total
            try settings.save(campaign)
            try global.show(HubReport(url: settings.url, segments: total))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show where the hub is.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            try global.show(HubReport(url: try HubSettings.stored(campaign)?.url, segments: nil))
        }
    }

    struct ListAudiences: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audiences",
            abstract: "List the hub's segments, which audiences can follow."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "What a segment has in its name, description, code or number.") var search: String?
        @Option(help: "How many at most, 1 to 20,000.") var limit = 1_000

        func validate() throws {
            guard (1...20_000).contains(limit) else { throw ValidationError("--limit takes 1 to 20,000.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let found = try await HubSegments(campaign).client().audiences(search: search, limit: limit)
            try global.show(HubAudiencesReport(audiences: found.audiences, total: found.total))
        }
    }
}

extension HubCommand {
    struct ListReceipts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipts",
            abstract: "List the hub's receipts, newest first: what became of every line on its side."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "What a receipt has in its ID, its account or the names of its files.") var search:
            String?
        @Option(help: "How many at most, 1 to 10,000.") var limit = 50

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10,000.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let found = try await HubSegments(campaign).client().receipts(search: search, limit: limit)
            try global.show(HubReceiptsReport(receipts: found.receipts, total: found.total))
        }
    }
}

/// Where the hub is.
private struct HubReport: Report {
    let url: String?
    let segments: Int?

    var text: String {
        guard let url else { return "Nobody has said yet where the hub is: tallystick hub set." }
        return segments.map { "The hub is at \(url) and has \($0.grouped) segments." }
            ?? "The hub is at \(url)."
    }
}

/// The hub's segments.
private struct HubAudiencesReport: Report {
    let audiences: [HubAudience]
    let total: Int

    var text: String {
        var table = TextTable("SEGMENT", "NAME", "SOURCE", "SIZE", "ACTIVE", "MODIFIED")
        for audience in audiences {
            let date = Date(timeIntervalSince1970: Double(audience.modified / 1000)).formatted(.iso8601)
            table.add(
                "\(audience.id)",
                String(audience.name.map { String($0).isOneLine ? $0 : " " }),
                String(audience.source.map { String($0).isOneLine ? $0 : " " }),
                audience.size.grouped,
                audience.active ? "yes" : "no",
                date
            )
        }
        return table.text + (audiences.count < total ? "\n… \(audiences.count) of \(total)" : "")
    }
}
