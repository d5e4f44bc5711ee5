// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Storage
import Terminal
import Testing

@testable import Campaign

/// Command lines that can't be meant, before anything is opened.
@Suite struct UsageTests {
    private static let source = "create --id A --number 7 --mode declared --key email"

    @Test(arguments: [
        ("\(source) --hash sha3", "--hash takes md5"),
        ("\(source) --cipher rot13", "--cipher takes aes-128-cbc"),
        ("\(source) --normalize junk", "--normalize takes trim"),
        ("\(source) --channel fax", "--channel takes email"),
    ])
    func `a data source's option with none of its values is wrong usage`(line: String, words: String) throws {
        try expectWrongUsage(DataSourcesCommand.self, line, words)
    }

    @Test(arguments: [
        ("query --label L --where x --expires junk", "--expires takes a day"),
        ("define --label L --segment 1 --data-source D --expires 2027-02-30", "--expires takes a day"),
        ("combine union A B --label L --expires tomorrow", "--expires takes a day"),
        ("expire A soon", "never, or on a day"),
        ("list --limit=-1", "--limit takes"),
        ("members A --limit=-1", "--limit takes"),
    ])
    func `an audience's option with none of its values is wrong usage`(line: String, words: String) throws {
        try expectWrongUsage(AudiencesCommand.self, line, words)
    }

    @Test(arguments: [
        ("load F --key email --map Mail=email --map Mail=phone", "each column once"),
        ("link-visitors F --key email --map Mail=email --map Mail=email", "each column once"),
        ("load F --key email --map Mail", "--map takes COLUMN=FIELD"),
        ("show email", "Name a field and a value"),
        ("fields add cusA --type junk", "--type takes string"),
    ])
    func `a profile command that can't be meant is wrong usage`(line: String, words: String) throws {
        try expectWrongUsage(ProfilesCommand.self, line, words)
    }

    @Test(arguments: ["list --limit=-1", "list --limit=0", "rejected R1 --limit=-1"])
    func `a limit below none is wrong usage`(line: String) throws {
        try expectWrongUsage(ReceiptsCommand.self, line, "--limit takes")
    }

    @Test func `what the options take is let through`() throws {
        _ = try DataSourcesCommand.parseAsRoot(
            "\(Self.source) --hash SHA-256 --normalize trim,lower --channel Email".split(separator: " ").map(
                String.init
            )
        )
        _ = try AudiencesCommand.parseAsRoot(["expire", "A", "never"])
        _ = try AudiencesCommand.parseAsRoot(["members", "A", "--limit", "0"])
    }

    private func expectWrongUsage(
        _ command: any ParsableCommand.Type,
        _ line: String,
        _ words: String,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        do {
            _ = try command.parseAsRoot(line.split(separator: " ").map(String.init))
            Issue.record("it is let through", sourceLocation: location)
        } catch {
            #expect(command.exitCode(for: error) == .validationFailure, sourceLocation: location)
            #expect(command.message(for: error).contains(words), sourceLocation: location)
        }
    }

    @Test func `a list that was cut says so`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        for segment in ["1", "2", "3"] { try test.define(segment, "Plain") }
        let all = try test.campaign.read { try AudienceStore(test.campaign).list(limit: 3, in: $0) }
        #expect(!AudiencesReport(all, limit: 3).more)
        let cut = AudiencesReport(all, limit: 2)
        #expect(cut.more)
        #expect(cut.audiences.count == 2)
        #expect(cut.text.hasSuffix("… and more (--after AUD2)"))
        for moment in 1...2 { try test.drop("s3_1_14020_iter_148614084\(moment)000.sync", "A 1\n") }
        _ = try await test.sync()
        let receipts = ReceiptsReport(try test.receipts.reversed(), limit: 1)
        #expect(receipts.more)
        #expect(receipts.text.hasSuffix("… and more (--before R2)"))
    }
}
