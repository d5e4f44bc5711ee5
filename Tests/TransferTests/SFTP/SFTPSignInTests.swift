// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Who may sign in, and to which servers.
@Suite(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"), .timeLimit(.minutes(2)))
struct SFTPSignInTests {
    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `a key of each kind signs in`(_ type: String) async throws {
        let server = try SFTPServer.shared.get()
        let key = try server.privateKey(type)
        let account = try SFTPAccountUnderTest { settings in
            settings.password = nil
            settings.privateKey = key
        }
        #expect(try await account.transport().publish("x", as: "a") == .published)
    }

    @Test func `a locked key needs its passphrase`() async throws {
        let key = try SFTPServer.shared.get().privateKey("locked")
        for (passphrase, isRight) in [("open sesame", true), ("wrong", false), (nil, false)] {
            let account = try SFTPAccountUnderTest { settings in
                settings.password = nil
                settings.privateKey = key
                settings.passphrase = passphrase
            }
            if isRight {
                #expect(try await account.transport().list() == [])
            } else {
                await #expect(throws: TransferError.privateKeyUnusable) {
                    try await account.transport().list()
                }
            }
        }
    }

    @Test func `a server may ask for the key and then for the password`() async throws {
        let key = try SFTPServer.shared.get().privateKey("ed25519")
        let account = try SFTPAccountUnderTest(.both) { $0.privateKey = key }
        let step = try #require(account.transport().reachSteps.last)
        var finding: ConnectionStep.Finding?
        for step in account.transport().reachSteps { finding = try await step.run() }
        #expect(step.name == .signIn)
        guard case .note(let note) = finding else {
            Issue.record("nothing is told of the sign-in")
            return
        }
        #expect(note.hasPrefix("publickey, then password; SSH-2.0-OpenSSH"))

        let half = try SFTPAccountUnderTest(.both) { settings in
            settings.privateKey = key
            settings.password = nil
        }
        let refusal = "offered: password; tried: publickey; accepted: publickey"
        await #expect(throws: TransferError.signInRefused(detail: refusal)) {
            try await half.transport().list()
        }
    }

    @Test func `a server that asks questions gets the password`() async throws {
        let server = try SFTPServer(
            options: "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no"
        )
        let account = try SFTPAccountUnderTest(on: server)
        #expect(try await account.transport().list() == [])
        let wrong = try SFTPAccountUnderTest(on: server) { $0.password = "wrong" }
        let refusal = "offered: publickey, keyboard-interactive; tried: keyboard-interactive"
        await #expect(throws: TransferError.signInRefused(detail: refusal)) {
            try await wrong.transport().list()
        }
        server.stop()
    }

    @Test func `a wrong password, a strange key and a strange user are refused, and no secret is told`()
        async throws
    {
        let stranger = try SFTPServer.shared.get().privateKey("stranger")
        let wrong = try SFTPAccountUnderTest { $0.password = "wrong secret" }
        let refusal = "offered: publickey, password; tried: password"
        await #expect(throws: TransferError.signInRefused(detail: refusal)) {
            try await wrong.transport().list()
        }
        let strange = try SFTPAccountUnderTest { settings in
            settings.privateKey = stranger
            settings.password = "wrong secret"
        }
        let error = await #expect(throws: TransferError.self) { try await strange.transport().list() }
        #expect(error == .signInRefused(detail: "offered: publickey, password; tried: publickey, password"))
        #expect(error?.isTransient == false)
        var dump = ""
        Swift.dump(strange.settings, to: &dump)
        for text in [dump, "\(strange.settings)", String(reflecting: strange.settings)] {
            #expect(!text.contains("wrong secret") && !text.contains("PRIVATE"))
        }
    }

    @Test(arguments: [
        "not a key", "", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    ])
    func `a text that is no key is told`(_ text: String) async throws {
        let account = try SFTPAccountUnderTest { $0.privateKey = text }
        await #expect(throws: TransferError.privateKeyUnusable) { try await account.transport().list() }
    }

    @Test func `the host keys are those that OpenSSH tells`() async throws {
        let server = try SFTPServer.shared.get()
        let keys = try await SFTPTransport.hostKeys(of: server.settings(root: ""))
        #expect(keys.map(\.type) == ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
        #expect(try keys.map(\.fingerprint) == ["ed25519", "ecdsa", "rsa"].map(server.hostKey))
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `a pinned key of any kind is accepted`(_ type: String) async throws {
        let pin = try SFTPServer.shared.get().hostKey(type)
        let account = try SFTPAccountUnderTest { $0.hostKeys = [pin] }
        #expect(try await account.transport().list() == [])
        var findings: [ConnectionStep.Finding?] = []
        for step in account.transport().reachSteps { findings.append(try await step.run()) }
        #expect(findings.count == 4)
        #expect(findings[0] == .addresses(["127.0.0.1"]))
        #expect(findings[2] == .hostKey(pin))
    }

    @Test func `a changed key stops everything, and two pins cover a rotation`() async throws {
        let server = try SFTPServer.shared.get()
        let shown = try server.hostKey("ed25519")
        let old = "SHA256:" + String(repeating: "A", count: 43)
        let changed = try SFTPAccountUnderTest { $0.hostKeys = [old] }
        let error = TransferError.hostKeyChanged(presented: shown, pinned: [old])
        await #expect(throws: error) { try await changed.transport().list() }
        await #expect(throws: error) { try await changed.transport().publish("x", as: "a") }
        let steps = await ConnectionCheck(of: changed.transport(), probeID: "1") { 0 }.run()
        #expect(steps[2].outcome == .failed(error))
        #expect(steps[3...].allSatisfy { $0.outcome == .skipped })

        let rotating = try SFTPAccountUnderTest { $0.hostKeys = [old, shown] }
        #expect(try await rotating.transport().list() == [])
    }

    @Test func `without a pinned key nobody is signed in`() async throws {
        let account = try SFTPAccountUnderTest { $0.hostKeys = [] }
        let shown = try SFTPServer.shared.get().hostKey("ed25519")
        await #expect(throws: TransferError.hostKeyUnknown(presented: shown)) {
            try await account.transport().list()
        }
        let before = try String(contentsOfFile: SFTPServer.shared.get().base + "/log", encoding: .utf8)
        await #expect(throws: TransferError.self) { try await account.transport().list() }
        let log = try String(contentsOfFile: SFTPServer.shared.get().base + "/log", encoding: .utf8)
        #expect(!log.dropFirst(before.count).contains("Accepted"))
    }

    @Test func `a port where nobody listens, an unknown name and another protocol are told apart`()
        async throws
    {
        let port = try freePort()
        let nobody = SFTPTransport(try SFTPServer.shared.get().settings(root: "", port: port))
        await #expect(throws: TransferError.unreachable(host: "127.0.0.1", errno: ECONNREFUSED)) {
            try await nobody.list()
        }
        let unknown = SFTPTransport(
            SFTPSettings(host: "no-such-host.invalid", user: "u", root: "", hostKeys: ["SHA256:x"])
        )
        await #expect(throws: TransferError.nameUnknown(host: "no-such-host.invalid")) {
            try await unknown.list()
        }
    }
}
