// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Terminal
import Testing

@testable import PeopleService

/// Accounts that see the same files are told.
@Suite("Accounts of one place")
struct SharedPlaceTests {
    private static func sftp(_ path: String, host: String = "partner.example", user: String = "u")
        -> ExternalAccount.Settings
    {
        .sftp(SFTPAccount(host: host, user: user, path: path, hostKeys: []))
    }

    private static func s3(_ server: String, endpoint: String? = nil) -> ExternalAccount.Settings {
        .s3(S3Account(receiverServer: server, accessKeyID: "k", region: "eu-west-1", endpoint: endpoint))
    }

    private static let cases: [(ExternalAccount.Settings, ExternalAccount.Settings, Bool)] = [
        (.folder(path: "/srv/in"), .folder(path: "/srv/x/../in/"), true),
        (.folder(path: "/srv"), .folder(path: "/srv/in"), true),
        (.folder(path: "/srv/in"), .folder(path: "/srv/in2"), false),
        (.folder(path: "/srv/in"), sftp("/srv/in"), false),
        (sftp("/in"), sftp("/./in/a/..", host: "Partner.Example"), true),
        (sftp("in"), sftp("/in"), false),
        (sftp("/in"), sftp("/in", user: "v"), false),
        (s3("drop.s3.amazonaws.com/in"), s3("s3://drop.s3.amazonaws.com/in/"), true),
        (s3("drop.s3.amazonaws.com/in"), s3("drop.s3.amazonaws.com"), true),
        (s3("drop.s3.amazonaws.com/in"), s3("other.s3.amazonaws.com/in"), false),
        (
            s3("drop.s3.amazonaws.com", endpoint: "https://h"),
            s3("drop.s3.amazonaws.com", endpoint: "https://H:443/"), true
        ),
        (s3("drop.s3.amazonaws.com", endpoint: "https://h"), s3("drop.s3.amazonaws.com"), false),
        (.unconfigured, .unconfigured, false),
    ]

    @Test("A place is known however it is spelled", arguments: cases)
    func spellings(_ one: ExternalAccount.Settings, _ other: ExternalAccount.Settings, _ isShared: Bool) {
        let accounts = [one, other].enumerated()
            .map { ExternalAccount(id: "a\($0)", label: "", settings: $1) }
        #expect(accounts[1].sharingPlace(among: accounts).map(\.id) == (isShared ? ["a0"] : []))
        #expect(accounts[0].sharingPlace(among: accounts).map(\.id) == (isShared ? ["a1"] : []))
    }

    @Test("Disabled accounts and patterns of their own keep accounts apart")
    func apart() {
        let folder = ExternalAccount.Settings.folder(path: "/srv/in")
        func account(_ id: String, _ pattern: String?, isEnabled: Bool = true) -> ExternalAccount {
            ExternalAccount(
                id: id,
                label: "",
                settings: folder,
                rules: AccountRules(pattern: pattern),
                isEnabled: isEnabled
            )
        }
        let accounts = [
            account("all", nil), account("a", "a*"), account("b", "b*"),
            account("off", nil, isEnabled: false),
        ]
        #expect(accounts.map { $0.sharingPlace(among: accounts).count } == [2, 1, 1, 0])
    }

    @Test("check names each account that reads what another one reads")
    func check() async throws {
        let test = try TestPeople()
        try test.addAccounts()
        func warnings() async throws -> [String] {
            try await test.service.diagnose().findings
                .filter { $0.verdict == .warning && $0.finding.contains("reads the same files") }
                .map(\.check)
        }
        #expect(try await warnings().isEmpty)
        try test.service.write { database in
            try ExternalAccountStore().save(
                ExternalAccount(id: "in2", label: "", settings: .folder(path: test.inbox + "/../in")),
                in: database
            )
        }
        #expect(try await warnings() == ["account in2"])
    }
}
