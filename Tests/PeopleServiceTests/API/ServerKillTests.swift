// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import NIOHTTP1
import Storage
import Surroundings
import Synchronization
import Testing

@testable import PeopleService

/// The server as a process: killed while it writes, and started twice.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct ServerKillTests {
    private func start(_ test: TestPeople, _ port: UInt16, _ options: String...) throws -> ProgramProcess {
        try ProgramProcess(
            ["serve", "--roles", "people", "--listen", "127.0.0.1:\(port)"] + options,
            data: test.service.directory.path
        )
    }

    @Test func `killed while it writes, what was answered is there once, and the rest can be asked again`()
        async throws
    {
        let test = try TestPeople(isRunning: true)
        try test.dataSource(77, .crossDevice)
        let token = try TestAPI.token(test)
        var asked = 0
        var answered: Set<Int> = []
        for round in 0..<8 {
            let port = try freePort()
            let server = LocalServer(port: port, token: token)
            let program = try start(test, port)
            #expect(try await server.isUp())
            // What the server that was killed left unanswered is asked again first.
            let first = (0..<asked).filter { !answered.contains($0) }
            let next = asked
            let calls = Task { () -> (asked: Int, answered: [Int]) in
                var (number, done) = (next, [Int]())
                for name in first + Array(next..<(next + 2_000)) {
                    number = max(number, name + 1)
                    let body = #"{"name": "Audience \#(name)", "dataSourceId": 77}"#
                    guard let status = await server.status(.POST, "/v1/audiences", body) else { break }
                    // 409: it was made, and the answer was lost.
                    #expect(status == 201 || (status == 409 && first.contains(name)))
                    done.append(name)
                }
                return (number, done)
            }
            #expect(try await program.kill(after: .milliseconds(60 + round * 35)))
            let outcome = await calls.value
            asked = outcome.asked
            answered.formUnion(outcome.answered)
            let made = try test.service.read { database in
                (
                    try String.fetchAll(database, sql: "SELECT name FROM segments"),
                    try String.fetchAll(database, sql: "SELECT name FROM traits")
                )
            }
            // Each call makes both or nothing, and only the last one may have been lost.
            #expect(made.0.sorted() == made.1.sorted())
            #expect(Set(made.0).count == made.0.count)
            #expect(Set(made.0).isSuperset(of: answered.map { "Audience \($0)" }))
            #expect(made.0.count <= answered.count + 1)
        }
        #expect(answered.count > 8)
    }

    @Test func `a second server, and a sync beside the first, say that somebody is at work, and leave`()
        async throws
    {
        let test = try TestPeople(isRunning: true)
        let token = try TestAPI.token(test)
        let data = test.service.directory.path
        let port = try freePort()
        let first = try start(test, port)
        #expect(try await LocalServer(port: port, token: token).isUp())
        let other = "127.0.0.1:\(try freePort())"
        for command in [
            ["serve", "--roles", "people", "--listen", other],
            ["serve", "--roles", "people", "--listen", other, "--api-only"],
            ["people", "sync"], ["people", "sync", "--watch"],
        ] {
            let outcome = try ProgramProcess(command, data: data, isHeard: true).finish()
            #expect(outcome.exitCode == 1, "\(command)")
            #expect(outcome.errors.contains("data.busy"), "\(command)")
        }
        #expect(first.isRunning)
        #expect(first.terminate() == 0)
        #expect(try ProgramProcess.exitCode("people", "sync", data: data) == 0)
    }

    @Test func `a server that only answers goes beside a sync that watches`() async throws {
        let test = try TestPeople(isRunning: true)
        let token = try TestAPI.token(test)
        let watch = try ProgramProcess(["people", "sync", "--watch"], data: test.service.directory.path)
        let port = try freePort()
        let server = try start(test, port, "--api-only")
        #expect(try await LocalServer(port: port, token: token).isUp())
        #expect(watch.isRunning)
        #expect(server.terminate() == 0)
        #expect(watch.terminate() == 0)
    }
}
