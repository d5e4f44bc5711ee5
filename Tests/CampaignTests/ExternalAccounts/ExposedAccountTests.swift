// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Surroundings
import Terminal
import Testing

@testable import Campaign
@testable import ExternalAccounts

/// S3 accounts whose endpoint has no encryption.
@Suite struct ExposedAccountTests {
    @Test(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
    func `an http endpoint on another machine is refused without a flag`() async throws {
        let test = try TestCampaign()
        let secret = try test.write("not-to-be-seen")
        func create(_ endpoint: String, _ flags: String...) throws -> ProgramProcess.Outcome {
            let command = [
                "accounts", "create", "s3", "--id", "partner", "--replace", "--receiver-server",
                "bucket.s3.amazonaws.com/in", "--access-key-id", "AKIA", "--secret-file", secret, "--region",
                "us-east-1", "--endpoint", endpoint,
            ]
            return try ProgramProcess(command + flags, data: test.data.path, isHeard: true).finish()
        }
        let refused = try create("http://192.0.2.1:9000")
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("--allow-http") && refused.errors.contains("(accounts.refused)"))
        #expect(throws: (any Error).self) {
            try test.campaign.read { try ExternalAccountStore().find("partner", in: $0) }
        }
        #expect(try create("http://127.0.0.1:9000").exitCode == 0)
        #expect(try create("https://192.0.2.1:9000").exitCode == 0)
        let allowed = try create("http://192.0.2.1:9000", "--allow-http")
        #expect(allowed.exitCode == 0, "\(allowed.errors)")
        // What was allowed once stays so when something else is changed.
        let edited = try ProgramProcess.run(
            "accounts",
            "edit",
            "partner",
            "--access-key-id",
            "AKIB",
            data: test.data.path
        )
        #expect(edited.exitCode == 0, "\(edited.errors)")
    }

    @Test(arguments: [
        (nil, false), ("https://10.0.0.1", false), ("http://10.0.0.1", true), ("http://[::1]", false),
    ])
    func `the check warns of an account that works without encryption`(_ endpoint: String?, _ isExposed: Bool)
    {
        let bucket = S3Account(
            receiverServer: "bucket.s3.amazonaws.com/in",
            accessKeyID: "AKIA",
            region: "us-east-1",
            endpoint: endpoint
        )
        let finding = Finding.working(
            ExternalAccount(id: "partner", label: "Partner", settings: .s3(bucket)),
            "9 steps work"
        )
        #expect(finding.verdict == (isExposed ? .warning : .ok))
        #expect(finding.finding.hasPrefix("9 steps work"))
    }
}
