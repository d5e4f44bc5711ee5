// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Two machines: neither reads the other's data directory, and only the People service's server is between them.
@Suite(.enabled(if: Tallystick.path != nil)) struct ServedExchangeTests {
    private struct Tested: Decodable {
        struct Leg: Decodable {
            struct Side: Decodable {
                let receipt: String
                let lines: Int
                let matched: Int?
            }

            let from: String
            let sent: Side?
            let received: Side?
        }

        let passed: Bool
        let seesPeople: Bool
        let unseenBecause: String?
        let returned: Int
        let legs: [Leg]
    }

    private func pair(_ tools: Tallystick, api: String?) throws {
        let request = "\(tools.root)/request.json"
        let answer = "\(tools.root)/answer.txt"
        try tools.campaign("init")
        try tools.campaign([
            "provision", "request", "--organization", TwoSystems.organization, "--organization-name",
            "Example", "--output", request,
        ])
        try tools.people(
            [
                "provision", "accept", request, "--yes", "--output", answer, "--storage",
                "\(tools.root)/share",
            ]
                + (api.map { ["--api-url", $0] } ?? [])
        )
        try tools.campaign([
            "provision", "complete", answer, "--accept-terms", "--yes", "--key", "email", "--no-test",
        ])
    }

    private func test(_ tools: Tallystick) throws -> Tested {
        let output = try tools.campaign("provision", "test", "--wait", "60", "--json")
        return try JSONDecoder().decode(Tested.self, from: output)
    }

    @Test func `receipts of both sides come by the API, and agree`() throws {
        let tools = try Tallystick()
        try tools.people("people", "init", "--organization", TwoSystems.organization)
        let server = try Server(tools)
        defer { server.stop() }
        try pair(tools, api: server.url)
        let tested = try test(tools)
        #expect(tested.passed && tested.seesPeople && tested.returned == 10)
        #expect(tested.legs.map(\.from) == ["Campaign", "People service", "Campaign", "People service"])
        #expect(tested.legs.map { $0.sent?.lines } == [10, 10, 10, 10])
        #expect(tested.legs.map { $0.received?.lines } == [10, 10, 10, 10])
        #expect(tested.legs[0].received?.receipt.hasPrefix("P") == true)
        #expect(tested.legs[0].received?.matched == 10)
        #expect(tested.legs[1].sent?.receipt.hasPrefix("P") == true)
    }

    @Test func `where the API is away, Campaign's receipts are shown with the reason`() throws {
        let tools = try Tallystick()
        try tools.people("people", "init", "--organization", TwoSystems.organization)
        let server = try Server(tools)
        do {
            defer { server.stop() }
            try pair(tools, api: server.url)
        }
        // Only files are exchanged from now on.
        let watch = try Watch(tools)
        defer { watch.stop() }
        let tested = try test(tools)
        #expect(tested.passed && !tested.seesPeople)
        #expect(tested.unseenBecause?.contains("does not answer") == true)
        #expect(tested.legs.allSatisfy { ($0.sent == nil) != ($0.received == nil) })
    }

    /// `tallystick serve` on the People service's data directory.
    private struct Server {
        let url: String
        private let process: Process

        init(_ tools: Tallystick) throws {
            let output = "\(tools.root)/served"
            process = try tools.start(
                ["serve", "--listen", "127.0.0.1:0", "--json", "--data", tools.peopleData],
                output: output
            )
            struct Listening: Decodable {
                let listening: String
            }
            var found: String?
            while found == nil, process.isRunning {
                let data = FileManager.default.contents(atPath: output) ?? Data()
                found = try? JSONDecoder().decode(Listening.self, from: data).listening
                if found == nil { usleep(20_000) }
            }
            url = try #require(found, "the server ended before it listened")
        }

        func stop() {
            process.terminate()
            process.waitUntilExit()
        }
    }

    /// `tallystick people sync --watch`.
    private struct Watch {
        private let process: Process

        init(_ tools: Tallystick) throws {
            process = try tools.start(
                ["people", "sync", "--watch", "--data", tools.peopleData],
                output: "\(tools.root)/watched"
            )
        }

        func stop() {
            process.terminate()
            process.waitUntilExit()
        }
    }
}

extension Tallystick {
    /// Starts a command that stays; what it prints goes into a file.
    fileprivate func start(_ arguments: [String], output: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: Self.path ?? "/nowhere")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        try Data().write(to: URL(filePath: output))
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
