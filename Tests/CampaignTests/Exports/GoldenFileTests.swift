// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Storage
import Testing

@testable import Campaign

/// Exported files are byte for byte those that `Golden/make-golden` made with OpenSSL.
@Suite struct GoldenFileTests {
    /// How IDs and files are written.
    struct Way: CustomTestStringConvertible, Sendable {
        let form: String
        let isGzip: Bool
        let isReplacing: Bool

        var testDescription: String {
            form + (isGzip ? ", gzip" : "") + (isReplacing ? ", with removals" : ", adding only")
        }
    }

    static let ways = ["plain", "sha256", "aes-256-cbc"]
        .flatMap { form in
            [(false, true), (true, true), (false, false)].map { isGzip, isReplacing in
                Way(form: form, isGzip: isGzip, isReplacing: isReplacing)
            }
        }

    private static let number = 14_017

    private func golden(_ name: String) throws -> Data {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try Data(contentsOf: folder.appendingPathComponent("Golden/\(name)"))
    }

    private func makeSource(_ form: String, _ test: TestCampaign) async throws {
        var draft = SharedDataSourceDraft(id: "Source", number: Self.number, key: "email", acceptsTerms: true)
        draft.normalize = "trim,lower"
        switch form {
        case "sha256": draft.hash = form
        case "aes-256-cbc":
            draft.cipher = form
            draft.keyText = KeyDoctorSamples.key256
            draft.ivText = KeyDoctorSamples.vector
        default:
            draft.key = "externalId"
            draft.normalize = nil
        }
        try await test.source(draft)
    }

    /// Shares the profiles of these numbers, and returns the published files that were not there before.
    private func share(
        _ numbers: ClosedRange<ProfileNumber>,
        isReplacing: Bool,
        options: ShareOptions,
        _ test: TestCampaign
    ) async throws -> [(name: String, bytes: Data)] {
        let before = try test.names(in: test.outbox)
        try test.campaign.write { database in
            let members = MemberSet(numbers.map { $0 })
            if before.isEmpty {
                _ = try AudienceStore().insert(label: "List", .list, members: members, at: 0, in: database)
            } else {
                try AudienceStore().publish(members, to: Audience.ID("AUD1"), at: 0, in: database)
            }
        }
        let receipt = try await Shares(test.campaign)
            .share(
                "AUD1",
                into: .number(24),
                SharedDataSource.ID("Source"),
                isReplacing: isReplacing,
                options: options
            )
            .receipt
        #expect(receipt.failure == nil)
        return try test.names(in: test.outbox).filter { !before.contains($0) }
            .map { ($0, try Data(contentsOf: URL(filePath: "\(test.outbox)/\($0)"))) }
    }

    /// Unpacks with the system's gzip, not with our own reader.
    private func gunzip(_ path: String) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return bytes
    }

    @Test(arguments: ways)
    func `an export and its follow-up are the golden files, byte for byte`(way: Way) async throws {
        let test = try TestCampaign()
        try await makeSource(way.form, test)
        let people = try test.load(String(decoding: golden("profiles.csv"), as: UTF8.self))
        #expect(people.account == "40: inserted 40")
        var options = ShareOptions()
        options.isGzip = way.isGzip
        let ending = way.isGzip ? ".gz" : ""
        let steps: [(ClosedRange<ProfileNumber>, String)] = [
            (1...30, "first"), (11...40, way.isReplacing ? "replaced" : "added"),
        ]
        for (index, (members, name)) in steps.enumerated() {
            let files = try await share(members, isReplacing: way.isReplacing, options: options, test)
            let moment = Int(TestCampaign.start) + index
            #expect(files.map(\.name) == ["ftp_dpm_\(Self.number)_\(moment).sync\(ending)"])
            let file = try #require(files.first)
            let text = way.isGzip ? try gunzip("\(test.outbox)/\(file.name)") : file.bytes
            #expect(
                try text == golden("\(way.form).\(name).sync"),
                "\(String(decoding: text, as: UTF8.self))"
            )
        }
    }

    @Test(arguments: [false, true])
    func `a split export has the golden parts, byte for byte`(isGzip: Bool) async throws {
        let test = try TestCampaign()
        try await makeSource("plain", test)
        let rows = (1...3_000).map {
            "customer-with-a-rather-long-number-\(String(format: "%06d", $0))-of-the-shop"
        }
        try test.load((["externalId"] + rows).joined(separator: "\n"))
        var options = ShareOptions()
        options.isGzip = isGzip
        options.splitByteCount = 110_000
        let files = try await share(1...3_000, isReplacing: false, options: options, test)
        let parts = try files.enumerated()
            .map { index, file in
                let name = "ftp_dpm_\(Self.number)_1486300000.sync.\(index + 1)" + (isGzip ? ".gz" : "")
                #expect(file.name == name)
                let text = isGzip ? try gunzip("\(test.outbox)/\(file.name)") : file.bytes
                let sum = try HexText.string(Digester(.sha256).digest(Array(text)))
                return "\(index + 1) \(sum) \(text.count) \(text.count { $0 == 0x0A })\n"
            }
        #expect(parts.count == 2)
        #expect(try Data(parts.joined().utf8) == golden("parts.txt"))
    }
}
