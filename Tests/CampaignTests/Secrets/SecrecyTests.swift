// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Secrets can be read nowhere but where the program was given them.
@Suite(
    .enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"),
    .enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")")
)
struct SecrecyTests {
    private static let secret = "wJalrXUtnFEMI-K7MDENG"

    /// Makes an account with each kind of secret, through the program.
    private func makeAccounts(_ test: TestCampaign, _ partner: Partner) throws
        -> (secrets: [String], printed: String)
    {
        let server = try SFTPServer.shared.get()
        let key = try server.privateKey("locked")
        let passphrase = "open sesame"
        let files = try [SFTPServer.password, key, passphrase, Self.secret].map { try test.write($0) }
        let sftp = try ProgramProcess.run(
            "accounts",
            "create",
            "sftp",
            "--replace",
            "--id",
            ExternalAccount.importID,
            "--host",
            "127.0.0.1",
            "--port",
            "\(server.port)",
            "--user",
            server.name(of: .both),
            "--host-key",
            server.hostKey("ed25519"),
            "--path",
            String((partner.directory ?? "").dropFirst(server.jail.count)),
            "--password-file",
            files[0],
            "--key-file",
            files[1],
            "--passphrase-file",
            files[2],
            data: test.data.path
        )
        let s3 = try ProgramProcess.run(
            "accounts",
            "create",
            "s3",
            "--replace",
            "--id",
            ExternalAccount.exportID,
            "--receiver-server",
            "bucket.s3.amazonaws.com/in",
            "--access-key-id",
            "AKIA",
            "--secret-file",
            files[3],
            "--region",
            "us-east-1",
            "--endpoint",
            "http://127.0.0.1:\(freePort())",
            data: test.data.path
        )
        #expect(sftp.exitCode == 0 && s3.exitCode == 0, "\(sftp.errors) \(s3.errors)")
        let lineOfKey = key.split(separator: "\n")[2]
        return (
            [SFTPServer.password, String(lineOfKey), passphrase, Self.secret],
            [sftp, s3].map { $0.output + $0.errors }.joined()
        )
    }

    @Test func `no secret is in a file, a log, a core dump or the list of processes`() async throws {
        let test = try TestCampaign(.running)
        let partner = try await Partner(.sftp)
        var (secrets, printed) = try makeAccounts(test, partner)
        secrets.append(try String(contentsOfFile: test.data.sealingKeyFile, encoding: .utf8))
        secrets = secrets.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }

        let program = try ProgramProcess(["sync", "--watch"], data: test.data.path, isHeard: true)
        try await Task.sleep(for: .seconds(3))
        #expect(program.isRunning)
        let limits = try program.record("limits").split(separator: "\n")
        let core = try #require(limits.first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        printed += try program.record("cmdline") + program.record("environ")
        printed += try contents(of: test.data)
        #expect(program.terminate() == 0)
        let watched = try program.finish()
        printed += watched.output + watched.errors
        for id in [ExternalAccount.importID, ExternalAccount.exportID] {
            let check = try ProgramProcess.run("accounts", "check", id, "--json", data: test.data.path)
            #expect(
                check.exitCode == (id == ExternalAccount.importID ? 0 : 1),
                "\(check.output) \(check.errors)"
            )
            printed += check.output + check.errors
        }
        printed += try ProgramProcess.run("accounts", "list", "--json", data: test.data.path).output
        // These are the files that a backup copies, too.
        printed += try contents(of: test.data)
        for secret in secrets { #expect(!printed.contains(secret)) }
    }

    /// All files of a data directory but the sealing key, one after the other.
    private func contents(of data: DataDirectory) throws -> String {
        let names = try FileManager.default.subpathsOfDirectory(atPath: data.path)
        #expect(names.contains("campaign.db"))
        return names.map { "\(data.path)/\($0)" }.filter { $0 != data.sealingKeyFile }
            .compactMap { FileManager.default.contents(atPath: $0) }
            .map { String(decoding: $0, as: UTF8.self) }.joined()
    }
}
