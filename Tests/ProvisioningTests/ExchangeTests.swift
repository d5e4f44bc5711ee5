// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Surroundings
import Testing

/// The commands as processes: from the first text to ten people who came back.
@Suite(.enabled(if: Tallystick.path != nil)) struct ExchangeTests {
    private struct Completed: Decodable {
        struct Tested: Decodable {
            struct Leg: Decodable {
                struct Side: Decodable {
                    let receipt: String
                    let lines: Int
                    let matched: Int?
                }

                let file: String
                let sent: Side?
                let received: Side?
            }

            let passed: Bool
            let returned: Int
            let left: Int
            let legs: [Leg]
        }

        let test: Tested?
    }

    private func texts(_ tools: Tallystick, _ ids: String = "declared,visitor", accepting options: [String])
        throws -> String
    {
        try tools.campaign("init")
        try tools.people("people", "init", "--organization", TwoSystems.organization)
        let request = "\(tools.root)/request.json"
        let answer = "\(tools.root)/answer.txt"
        try tools.campaign(
            "provision",
            "request",
            "--organization",
            TwoSystems.organization,
            "--organization-name",
            "Example",
            "--ids",
            ids,
            "--output",
            request
        )
        try tools.people(["provision", "accept", request, "--yes", "--output", answer] + options)
        return answer
    }

    private func complete(_ tools: Tallystick, _ answer: String, _ options: [String]) throws
        -> Completed.Tested
    {
        let output = try tools.campaign(
            [
                "provision", "complete", answer, "--accept-terms", "--yes", "--json", "--people-data",
                tools.peopleData,
            ]
                + options
        )
        return try #require(try JSONDecoder().decode(Completed.self, from: output).test)
    }

    private func expectAgreement(_ test: Completed.Tested) {
        #expect(test.passed && test.returned == 10 && test.left == 0)
        #expect(test.legs.map { $0.sent?.lines } == [10, 10, 10, 10])
        #expect(test.legs.map { $0.received?.lines } == [10, 10, 10, 10])
        #expect(test.legs[1].received?.matched == 10)
    }

    private struct Count: Decodable {
        let count: Int
    }

    @Test(arguments: [
        ["--key", "email", "--normalize", "trim,lower", "--hash", "sha256"],
        ["--key", "externalId"],
        ["--key", "mobilePhone", "--normalize", "e164"],
    ])
    func `ten people travel there and back over folders, and nothing of them stays`(_ options: [String])
        throws
    {
        let tools = try Tallystick()
        let answer = try texts(tools, accepting: ["--storage", "\(tools.root)/share"])
        expectAgreement(try complete(tools, answer, options))
        let count = try JSONDecoder().decode(Count.self, from: tools.campaign("profiles", "count", "--json"))
        #expect(count.count == 0)
        let again = try tools.campaign("provision", "test", "--json", "--people-data", tools.peopleData)
        expectAgreement(try JSONDecoder().decode(Completed.Tested.self, from: again))
        let audiences = String(decoding: try tools.campaign("audiences", "list", "--json"), as: UTF8.self)
        #expect(!audiences.contains("Provisioning test"))
    }

    @Test func `ten browsers travel there and back where only visitor IDs were asked for`() throws {
        let tools = try Tallystick()
        let answer = try texts(tools, "visitor", accepting: ["--storage", "\(tools.root)/share"])
        // An ID-sync file goes first: visitor IDs that nobody has met are not taken.
        func expectAgreement(_ test: Completed.Tested) {
            #expect(test.passed && test.returned == 10 && test.left == 0)
            #expect(test.legs.first?.file.hasPrefix("adobe_id_0_14016_") == true)
            #expect(test.legs.map { $0.sent?.lines } == [10, 10, 10, 10, 10])
            #expect(test.legs.map { $0.received?.lines } == [10, 10, 10, 10, 10])
            #expect(test.legs.prefix(3).map { $0.received?.matched } == [10, 10, 10])
        }
        expectAgreement(try complete(tools, answer, []))
        let again = try tools.campaign("provision", "test", "--json", "--people-data", tools.peopleData)
        expectAgreement(try JSONDecoder().decode(Completed.Tested.self, from: again))
        let count = try JSONDecoder().decode(Count.self, from: tools.campaign("profiles", "count", "--json"))
        #expect(count.count == 0)
    }

    @Test func `without the other side's data only Campaign's receipts are shown, and it may be away`() throws
    {
        let tools = try Tallystick()
        let answer = try texts(tools, accepting: ["--storage", "\(tools.root)/share"])
        try tools.campaign(
            "provision",
            "complete",
            answer,
            "--accept-terms",
            "--yes",
            "--key",
            "email",
            "--no-test"
        )
        let outcome = try tools.outcome(["provision", "test", "--wait", "1", "--data", tools.campaignData])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("provisioning.test-failed"))
        let count = try JSONDecoder().decode(Count.self, from: tools.campaign("profiles", "count", "--json"))
        #expect(count.count == 0)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "Demo/profiles.csv")))
    func `the demo walks the whole circle and ends by itself`() throws {
        let tools = try Tallystick()
        let outcome = try tools.outcome(["demo", "circle", "--directory", "\(tools.root)/circle", "--json"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        struct Circle: Decodable {
            let shared: Int
            let returned: Int
        }
        let circle = try JSONDecoder().decode(Circle.self, from: outcome.output)
        #expect(circle.shared == 51 && circle.returned == 51)
    }

    @Test func `nothing is made without somebody's yes`() throws {
        let tools = try Tallystick()
        let answer = try texts(tools, accepting: ["--storage", "\(tools.root)/share"])
        let request = "\(tools.root)/request.json"
        for arguments in [
            ["provision", "accept", request, "--data", tools.peopleData],
            ["provision", "complete", answer, "--key", "email", "--data", tools.campaignData],
        ] {
            let outcome = try tools.outcome(arguments)
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains("provisioning.confirmation-missing"))
        }
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil))
    func `ten people travel there and back over SFTP, with the account's secrets from the answer`() throws {
        let server = try SFTPServer.shared.get()
        let tools = try Tallystick()
        let name = "provision-\(UUID().uuidString.prefix(8))"
        let password = "\(tools.root)/password"
        try Data(SFTPServer.password.utf8).write(to: URL(filePath: password))
        try tools.people("people", "init", "--organization", TwoSystems.organization)
        for part in ["in", "out"] {
            let folder = "\(server.jail)/\(name)/\(part)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for path in ["\(server.jail)/\(name)", folder] {
                chown(path, server.userID, gid_t(server.userID))
            }
            try tools.people(
                "accounts",
                "create",
                "sftp",
                "--id",
                "campaign-\(part)",
                "--host",
                "127.0.0.1",
                "--port",
                "\(server.port)",
                "--user",
                server.name(of: .ordinary),
                "--password-file",
                password,
                "--path",
                "/\(name)/\(part)",
                "--host-key",
                try server.hostKey("ed25519")
            )
        }
        let answer = try texts(
            tools,
            accepting: ["--inbound-account", "campaign-in", "--outbound-account", "campaign-out"]
        )
        expectAgreement(try complete(tools, answer, ["--key", "email", "--hash", "sha256"]))
    }
}

/// The built program with two data directories.
final class Tallystick {
    /// The program that was built beside the tests; `nil` when it was not built.
    static let path: String? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = (tests as NSString).deletingLastPathComponent + "/tallystick"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// How a command ended.
    struct Outcome {
        let exitCode: Int32
        let output: Data
        let errors: String
    }

    let root = FileManager.default.temporaryDirectory.appendingPathComponent("process-\(UUID().uuidString)")
        .path
    var campaignData: String { root + "/campaign" }
    var peopleData: String { root + "/people" }

    init() throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Runs a command that must do its work on Campaign's data directory.
    @discardableResult
    func campaign(_ arguments: String...) throws -> Data { try campaign(arguments) }

    @discardableResult
    func campaign(_ arguments: [String]) throws -> Data { try must(arguments + ["--data", campaignData]) }

    /// Runs a command that must do its work on the People service's data directory.
    @discardableResult
    func people(_ arguments: String...) throws -> Data { try people(arguments) }

    @discardableResult
    func people(_ arguments: [String]) throws -> Data { try must(arguments + ["--data", peopleData]) }

    private func must(_ arguments: [String]) throws -> Data {
        let outcome = try outcome(arguments)
        #expect(outcome.exitCode == 0, "\(arguments.prefix(2)): \(outcome.errors)")
        return outcome.output
    }

    /// Runs a command to its end; what it prints goes through files.
    func outcome(_ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: Self.path ?? "/nowhere")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = ("\(root)/output", "\(root)/errors")
        for file in [output, errors] { try Data().write(to: URL(filePath: file)) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationStatus,
            output: FileManager.default.contents(atPath: output) ?? Data(),
            errors: String(decoding: FileManager.default.contents(atPath: errors) ?? Data(), as: UTF8.self)
        )
    }
}
