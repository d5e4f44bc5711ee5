// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct SharedDataSourceTests {
    /// A draft that can't be, and the words that explain it.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let words: String
        let field: String?
        let code: String
        let draft: @Sendable (inout SharedDataSourceDraft) -> Void

        init(
            _ words: String,
            _ field: String?,
            code: String = "data-sources.refused",
            _ draft: @escaping @Sendable (inout SharedDataSourceDraft) -> Void
        ) {
            self.words = words
            self.field = field
            self.code = code
            self.draft = draft
        }

        var testDescription: String { words }

        static func secret(
            _ words: String,
            _ cipher: String,
            _ key: String,
            _ vector: String = KeyDoctorSamples.vector
        ) -> Refusal {
            Refusal(words, "key-file", code: "data-sources.secret-refused") { draft in
                draft.cipher = cipher
                draft.keyText = key
                draft.ivText = vector
            }
        }
    }

    static let refusals: [Refusal] = [
        Refusal("The ID is a letter", "id") { $0.id = "1st" },
        Refusal("The ID is a letter", "id") { $0.id = String(repeating: "a", count: 65) },
        Refusal("The integration code is 1 to 255", "integration-code") { $0.integrationCode = "a b" },
        Refusal("The data source's number is a whole number", "number") { $0.number = -1 },
        Refusal("The destination is a whole number", "destination") { $0.destination = -5 },
        Refusal("The channel is email, sms or other", "channel") { $0.channel = "fax" },
        Refusal("Declared IDs need --key", "key") { $0.key = nil },
        Refusal("There is no profile field shoeSize", "key", code: "profiles.field-unknown") {
            $0.key = "shoeSize"
        },
        Refusal("The field birthDate is a date", "key") { $0.key = "birthDate" },
        Refusal("--hash belongs to declared IDs", "hash") {
            $0.isVisitor = true
            $0.key = nil
            $0.hash = "md5"
        },
        Refusal("--key belongs to declared IDs", "key") { $0.isVisitor = true },
        Refusal("Visitor IDs are no addresses", "channel") {
            $0.isVisitor = true
            $0.key = nil
            $0.channel = "email"
        },
        Refusal("Channel email needs the key email", "channel") {
            $0.key = "mobilePhone"
            $0.channel = "email"
        },
        Refusal("Channel sms needs the key mobilePhone", "channel") { $0.channel = "sms" },
        Refusal("--normalize takes trim, lower and e164", "normalize") { $0.normalize = "upper" },
        Refusal("--normalize takes trim, lower and e164", "normalize") { $0.normalize = "trim,trim" },
        Refusal("An ID is hashed or encrypted, not both", "cipher") {
            $0.hash = "sha256"
            $0.cipher = "aes-128-cbc"
        },
        Refusal("--hash takes md5, sha1, sha256, sha384, sha512", "hash") { $0.hash = "crc32" },
        Refusal("--key-file and --iv-file belong to --cipher", "key-file") {
            $0.hash = "md5"
            $0.keyText = "00"
        },
        Refusal("--cipher takes aes-128-cbc, aes-192-cbc, aes-256-cbc", "cipher") {
            $0.cipher = "aes-128-gcm"
        },
        Refusal("--cipher needs --key-file and --iv-file", "key-file") { $0.cipher = "aes-128-cbc" },
        Refusal("--cipher needs --key-file and --iv-file", "iv-file") {
            $0.cipher = "aes-128-cbc"
            $0.keyText = KeyDoctorSamples.key128
        },
        .secret(
            "The encryption key has 32 hex digits; aes-256-cbc needs 64.",
            "aes-256-cbc",
            KeyDoctorSamples.key128
        ),
        .secret(
            "The encryption key has 64 hex digits; aes-192-cbc needs 48.",
            "aes-192-cbc",
            KeyDoctorSamples.key256
        ),
        .secret(
            "The encryption key has 16 hex digits; aes-128-cbc needs 32.",
            "aes-128-cbc",
            "0123456789ABCDEF"
        ),
        .secret(
            "The encryption IV has 16 hex digits; it always needs 32.",
            "aes-128-cbc",
            KeyDoctorSamples.key128,
            "0123456789ABCDEF"
        ),
        .secret("isn't hex: character 3", "aes-128-cbc", "01GG456789ABCDEF0123456789ABCDEF"),
        .secret("isn't hex", "aes-128-cbc", "0123456789ABCDEF0123456789ABCDE"),
        Refusal("The number 14016 belongs to the shared data source defaultDataSource", nil) {
            $0.number = 14_016
        },
        Refusal("The integration code AdobeCampaignMID belongs to", nil) {
            $0.integrationCode = "AdobeCampaignMID"
        },
        Refusal("There is no external account nowhere", nil, code: "accounts.unknown") {
            $0.importAccount = "nowhere"
        },
    ]

    @Test(arguments: refusals)
    func `a definition that can't be right is refused with the reason, and nothing is stored`(
        refusal: Refusal
    ) async throws {
        let test = try TestCampaign()
        // The number of the built-in source is free for others until its terms are accepted.
        try test.acceptVisitors()
        var draft = SharedDataSourceDraft(id: "Mine", number: 14_017, key: "email")
        refusal.draft(&draft)
        let problem = await problem { try await test.source(draft) }
        #expect(problem?.kind.code == refusal.code)
        #expect(problem?.summary.contains(refusal.words) == true, "\(problem?.summary ?? "")")
        #expect(problem?.field == refusal.field)
        let ids = try test.campaign.read { try SharedDataSourceStore(test.campaign).all(in: $0) }.map(\.id)
        #expect(ids == [SharedDataSource.defaultID])
    }

    @Test(arguments: ["", "\\x", "0x", "0X"])
    func `a key may come with or without a prefix, in either case`(prefix: String) async throws {
        let test = try TestCampaign()
        let source = try await test.source(
            SharedDataSourceDraft(
                id: "Mine",
                number: 14_017,
                key: "email",
                cipher: "AES-256-CBC",
                keyText: prefix + KeyDoctorSamples.key256.lowercased() + "\n",
                ivText: prefix + KeyDoctorSamples.vector,
                channel: "Email"
            )
        )
        let read = try test.campaign.read { try SharedDataSourceStore(test.campaign).find(source.id, in: $0) }
        guard case .cipher(let key) = read.rule.form else {
            Issue.record("the source is not encrypted")
            return
        }
        #expect(HexText.string(key.key) == KeyDoctorSamples.key256.lowercased())
        #expect(HexText.string(key.vector) == KeyDoctorSamples.vector.lowercased())
        #expect(read.channel == .email)
        #expect("\(read)".contains(KeyDoctorSamples.key256.lowercased().prefix(16)) == false)
    }

    @Test func `a second data source of the same ID is refused with words`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let refusal = await problem { try await test.makePlain() }
        #expect(refusal?.kind.code == "data-sources.refused")
        #expect(refusal?.field == "id")
    }

    @Test func `the built-in source exists from the start and reconciles visitor IDs`() throws {
        let test = try TestCampaign()
        let source = try test.campaign.read {
            try SharedDataSourceStore(test.campaign).find(SharedDataSource.defaultID, in: $0)
        }
        #expect(source.label == "Recipient – Visitor ID")
        #expect(source.rule.form == .visitorID)
        #expect(source.termsAccepted == nil)
        #expect(source.isDefault)
    }

    @Test(arguments: ["key", "hash", "cipher", "normalize", "channel", "mode"])
    func `the built-in source refuses edits of its criteria`(part: String) async throws {
        let test = try TestCampaign()
        var draft = SharedDataSourceDraft(id: "defaultDataSource", number: 14_016, isVisitor: true)
        switch part {
        case "key": draft.key = "email"
        case "hash": draft.hash = "md5"
        case "cipher": draft.cipher = "aes-128-cbc"
        case "normalize": draft.normalize = "trim"
        case "channel": draft.channel = "email"
        default: draft.isVisitor = false
        }
        let problem = await problem { try await test.source(draft) }
        #expect(problem?.kind.code == "data-sources.built-in")
    }

    @Test func `the built-in source takes a destination and the terms`() async throws {
        let test = try TestCampaign()
        let source = try await test.source(
            SharedDataSourceDraft(
                id: "defaultDataSource",
                label: "Visitors",
                number: 500,
                integrationCode: "MID",
                destination: 46_389,
                isVisitor: true,
                acceptsTerms: true
            )
        )
        #expect(source.rule.form == .visitorID)
        #expect(source.number == 500)
        #expect(source.destination == 46_389)
        #expect(source.termsAccepted == 1_486_300_000_000)
    }

    @Test func `an edit leaves the criteria and the sealed key as they are`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        let edited = try SharedDataSources(test.campaign).edit(SharedDataSource.ID("Encrypted")) { source in
            source = source.changing(label: "New", number: 99, destination: 7)
        }
        let read = try test.campaign.read { try SharedDataSourceStore(test.campaign).find(edited.id, in: $0) }
        #expect("\(read.label) \(read.number ?? 0) \(read.destination ?? 0)" == "New 99 7")
        #expect(read.rule == (try KeyDoctorSamples.cipherRule(.aes128CBC, channel: .email)))
    }

    @Test func `sources come in the order in which aliases are tried`() async throws {
        let test = try TestCampaign()
        for (id, number, priority) in [("B", 1, 0), ("A", 2, 0), ("Z", 3, 100)] {
            try await test.source(
                SharedDataSourceDraft(id: id, number: number, key: "email", priority: priority)
            )
        }
        let ids = try test.campaign.read { try SharedDataSourceStore(test.campaign).all(in: $0) }.map(
            \.id.rawValue
        )
        #expect(ids == ["Z", "A", "B", "defaultDataSource"])
    }

    @Test func `no data flows before the terms are accepted`() async throws {
        let test = try TestCampaign()
        try test.load("externalId\nC1\n")
        try await test.source(SharedDataSourceDraft(id: "Plain", number: 14_020, key: "externalId"))
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", "C1 24\n")
        let report = try await test.sync()
        #expect(report.receipts.isEmpty)
        #expect(report.waiting.first?.reason.contains("terms") == true)
        #expect(try test.members(audience).isEmpty)
        _ = try SharedDataSources(test.campaign).edit(SharedDataSource.ID("Plain")) { source in
            source = source.changing(termsAccepted: 5)
        }
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["C1"])
    }
}
