// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Testing

@testable import Campaign
@testable import ExternalAccounts

@Suite struct SecretRotationTests {
    private static let secrets = AccountSecrets(password: "correct horse", secretAccessKey: "wJalrXUtnFEMI")

    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        let settings = SFTPAccount(host: "sftp.example.org", user: "u", path: "/in", hostKeys: ["SHA256:x"])
        try test.campaign.write { [sealer = test.campaign.sealer] database in
            let account = ExternalAccount(
                id: "partner",
                label: "Partner",
                settings: .sftp(settings),
                sealedSecrets: try Self.secrets.sealed(for: "partner", sealer)
            )
            try ExternalAccountStore().save(account, in: database)
        }
        return test
    }

    /// Everything that was sealed can be opened by a process that begins now.
    private func expectReadable(_ test: TestCampaign) throws {
        let campaign = try test.reopened()
        let (account, source) = try campaign.read { database in
            (
                try ExternalAccountStore().find("partner", in: database),
                try SharedDataSourceStore(campaign).find(SharedDataSource.ID("Encrypted"), in: database)
            )
        }
        #expect(try account.secrets(campaign.sealer) == Self.secrets)
        let before = try test.campaign.read { database in
            try SharedDataSourceStore(campaign).find(SharedDataSource.ID("Encrypted"), in: database)
        }
        #expect(source.rule == before.rule)
        _ = try campaign.keySecret()
    }

    private func key(_ test: TestCampaign) throws -> String {
        try String(contentsOfFile: test.data.sealingKeyFile, encoding: .utf8)
    }

    @Test func `after a rotation every secret is sealed under another key, and the old key opens none`()
        async throws
    {
        let test = try await makeTest()
        let old = try key(test)
        #expect(try SecretRotation(test.data).run([test.campaign]) == 4)
        #expect(try key(test) != old)
        try expectReadable(test)
        let older = test.campaign.sealer
        let account = try test.campaign.read { try ExternalAccountStore().find("partner", in: $0) }
        let refusal = await problem { _ = try account.secrets(older) }
        #expect(refusal?.kind.code == "secrets.unreadable")
        #expect(!FileManager.default.fileExists(atPath: test.data.nextSealingKeyFile))
        var status = stat()
        #expect(stat(test.data.sealingKeyFile, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test(arguments: [false, true])
    func `a rotation that was interrupted keeps all secrets readable, and is finished by the next`(
        afterItsTransaction: Bool
    ) async throws {
        let test = try await makeTest()
        let old = try key(test)
        try Sealer.createKey(at: test.data.nextSealingKeyFile, world: World())
        if afterItsTransaction {
            let next = try Sealer(file: test.data.nextSealingKeyFile)
            _ = try test.campaign.write { [campaign = test.campaign] database in
                try campaign.reseal(from: campaign.sealer, to: next, in: database)
            }
        }
        let next = try String(contentsOfFile: test.data.nextSealingKeyFile, encoding: .utf8)
        #expect(SecretRotation.isUnfinished(in: test.data))
        try expectReadable(test)
        #expect(try key(test) == old)
        #expect(try SecretRotation(test.data).run([test.reopened()]) == 4)
        #expect(!SecretRotation.isUnfinished(in: test.data))
        #expect(try key(test) == next)
        try expectReadable(test)
    }

    @Test func `half a key of a rotation that ended at once is no key`() async throws {
        let test = try await makeTest()
        try Data("12ab".utf8).write(to: URL(filePath: test.data.nextSealingKeyFile + ".part"))
        try expectReadable(test)
        #expect(try SecretRotation(test.data).run([test.campaign]) == 4)
        try expectReadable(test)
    }

    @Test func `no secret of an account is in a file of the data directory or in a text of it`() async throws
    {
        let test = try await makeTest()
        let account = try test.campaign.read { try ExternalAccountStore().find("partner", in: $0) }
        let secrets = try account.secrets(test.campaign.sealer)
        for text in ["\(secrets)", String(reflecting: secrets), "\(account)", AccountReport(account).text] {
            #expect(!text.contains("horse"))
            #expect(!text.contains("wJal"))
        }
        for name in try FileManager.default.subpathsOfDirectory(atPath: test.data.path) {
            guard let data = FileManager.default.contents(atPath: "\(test.data.path)/\(name)") else {
                continue
            }
            for secret in ["correct horse", "wJalrXUtnFEMI"] {
                #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)")
            }
        }
    }
}
