// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal
import Testing

@testable import Campaign

@Suite struct SecretTests {
    private static let key = "8d1f0c5e7a9b3d2466f1e0a7c4b59e83"

    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.source(
            SharedDataSourceDraft(
                id: "Mine",
                number: 14_017,
                key: "email",
                cipher: "aes-128-cbc",
                keyText: Self.key,
                ivText: KeyDoctorSamples.vector,
                channel: "email"
            )
        )
        return test
    }

    private func bytes(ofHex text: String) -> Data {
        var digits = text[...]
        var bytes = Data()
        while !digits.isEmpty {
            bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    @Test(arguments: ["", "\n"])
    func `an empty key file is called empty`(text: String) async throws {
        let test = try TestCampaign()
        let path = try test.write(text)
        let refusal = await problem { _ = try SecretFile.read(path, option: "key-file") }
        #expect(refusal?.summary == "The file of --key-file is empty.")
    }

    @Test func `a key is in no file of the data directory, neither as bytes nor as text`() async throws {
        let test = try await makeTest()
        let forms = [
            bytes(ofHex: Self.key), Data(Self.key.utf8), Data(Self.key.uppercased().utf8),
            bytes(ofHex: KeyDoctorSamples.vector), Data(KeyDoctorSamples.vector.utf8),
        ]
        let names = try FileManager.default.subpathsOfDirectory(atPath: test.data.path)
        #expect(names.contains("campaign.db-wal"))
        for name in names {
            guard let data = FileManager.default.contents(atPath: "\(test.data.path)/\(name)") else {
                continue
            }
            for form in forms { #expect(data.range(of: form) == nil, "\(name)") }
        }
    }

    @Test func `the sealing key and the database are the owner's alone`() async throws {
        let test = try await makeTest()
        for path in [test.data.sealingKeyFile, test.data.campaignDatabase] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(path)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: test.data.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func `another sealing key opens nothing and says so`() async throws {
        let test = try await makeTest()
        try FileManager.default.removeItem(atPath: test.data.sealingKeyFile)
        try Sealer.createKey(in: test.data, world: test.world, environment: [:])
        let campaign = try test.reopened()
        let problem = await problem {
            _ = try campaign.read { try SharedDataSourceStore(campaign).all(in: $0) }
        }
        #expect(problem?.kind.code == "secrets.unreadable")
    }

    @Test func `a sealed key can't be moved to another data source`() async throws {
        let test = try await makeTest()
        try await test.makeEncrypted()
        try test.campaign.write { database in
            try database.execute(
                sql: """
                    UPDATE shared_data_sources
                    SET cipher_key = (SELECT cipher_key FROM shared_data_sources WHERE id = 'Mine')
                    WHERE id = 'Encrypted'
                    """
            )
        }
        let problem = await problem {
            _ = try test.campaign.read { try SharedDataSourceStore(test.campaign).all(in: $0) }
        }
        #expect(problem?.kind.code == "secrets.unreadable")
    }

    @Test func `an installation without its sealing key is not opened`() async throws {
        let test = try await makeTest()
        try FileManager.default.removeItem(atPath: test.data.sealingKeyFile)
        let problem = await problem { _ = try test.reopened() }
        #expect(problem?.kind.code == "secrets.key-missing")
    }

    @Test func `a secret file is read without its newline`() throws {
        let test = try TestCampaign()
        let path = try test.write("  \(Self.key)\n")
        #expect(try SecretFile.read(path, option: "key-file") == Self.key)
    }

    @Test func `a secret file that can't be read names the option`() async throws {
        let problem = await problem { _ = try SecretFile.read("/nowhere", option: "iv-file") }
        #expect(problem?.kind.code == "secrets.file-unreadable")
        #expect(problem?.field == "iv-file")
    }
}
