// SPDX-License-Identifier: Apache-2.0

import Campaign
import ExternalAccounts
import Foundation
import PeopleService
import Problems
import Provisioning
import Storage
import Surroundings
import Testing

/// The change of the sealing key of a data directory that holds both systems.
@Suite struct SecretRotationTests {
    private struct Both {
        let directory: DataDirectory
        private static let secrets = AccountSecrets(password: "correct horse")

        init() throws {
            let root = FileManager.default.temporaryDirectory.appendingPathComponent(
                "both-\(UUID().uuidString)"
            )
            directory = DataDirectory(path: root.path)
            let campaign = try Campaign.create(directory)
            let organization = try #require(OrganizationID("5DC5123F5245B1D20A490D46@AdobeOrg"))
            let people = try PeopleService.create(directory, organization: organization)
            for host in [campaign, people] as [any AccountHost] {
                let settings = SFTPAccount(
                    host: "sftp.example.org",
                    user: "u",
                    path: "/in",
                    hostKeys: ["SHA256:x"]
                )
                try host.write { database in
                    let account = ExternalAccount(
                        id: "partner",
                        label: "Partner",
                        settings: .sftp(settings),
                        sealedSecrets: try Self.secrets.sealed(for: "partner", host.sealer)
                    )
                    try ExternalAccountStore().save(account, in: database)
                }
            }
        }

        func remove() { try? FileManager.default.removeItem(atPath: directory.path) }

        var systems: [any AccountHost & SecretKeeper] {
            get throws { [try Campaign(directory), try PeopleService(directory)] }
        }

        func expectReadable() throws {
            for host in try systems {
                let account = try host.read { try ExternalAccountStore().find("partner", in: $0) }
                #expect(try account.secrets(host.sealer) == Self.secrets)
            }
        }
    }

    @Test func `both systems' secrets are sealed under the new key`() throws {
        let both = try Both()
        defer { both.remove() }
        let older = try Sealer(both.directory)
        #expect(try SecretRotation(both.directory).run(both.systems) == 4)
        try both.expectReadable()
        for host in try both.systems {
            let account = try host.read { try ExternalAccountStore().find("partner", in: $0) }
            #expect(throws: Problem.self) { try account.secrets(older) }
        }
    }

    @Test func `interrupted between the systems, both stay readable, and the next rotation finishes it`()
        throws
    {
        let both = try Both()
        defer { both.remove() }
        try Sealer.createKey(at: both.directory.nextSealingKeyFile, world: World())
        let next = try Sealer(file: both.directory.nextSealingKeyFile)
        let first = try both.systems[0]
        _ = try first.write { try first.reseal(from: first.sealer, to: next, in: $0) }
        try both.expectReadable()
        #expect(try SecretRotation(both.directory).run(both.systems) == 4)
        #expect(!SecretRotation.isUnfinished(in: both.directory))
        try both.expectReadable()
    }
}
