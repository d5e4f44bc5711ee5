// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// How connections are used, kept and opened again.
@Suite(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"), .timeLimit(.minutes(3)))
struct SFTPConnectionTests {
    @Test func `one connection serves one operation after the other`() async throws {
        let proxy = try FaultyProxy(to: SFTPServer.shared.get().port)
        let account = try SFTPAccountUnderTest(through: proxy)
        let transport = account.transport()
        for number in 0..<10 { try await transport.publish("x", as: "f\(number)") }
        #expect(try await transport.list().count == 10)
        #expect(proxy.connections == 1)
    }

    @Test func `many operations at a time share a few connections`() async throws {
        let proxy = try FaultyProxy(to: SFTPServer.shared.get().port)
        let account = try SFTPAccountUnderTest(through: proxy) { $0.connectionLimit = 3 }
        let transport = account.transport()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { try await transport.publish("contents \(number)", as: "f\(number)") }
            }
            try await group.waitForAll()
        }
        #expect(try await transport.list().count == 40)
        #expect(proxy.connections <= 3)
    }

    @Test func `open readers do not hold up other operations`() async throws {
        let account = try SFTPAccountUnderTest { $0.connectionLimit = 1 }
        let transport = account.transport()
        for number in 0..<5 {
            try await account.put(String(repeating: "\(number)", count: 3 << 20), at: "f\(number)")
        }
        var readers: [any RemoteReader] = []
        for number in 0..<5 {
            let reader = try await transport.read(RemotePath("f\(number)"))
            #expect(try await reader.next()?.first == UInt8(ascii: "0") + UInt8(number))
            readers.append(reader)
        }
        #expect(try await transport.list().count == 5)
        for (number, reader) in readers.enumerated() {
            while let chunk = try await reader.next() {
                #expect(chunk.allSatisfy { $0 == UInt8(ascii: "0") + UInt8(number) })
            }
            await reader.close()
        }
    }

    @Test func `a connection that broke is opened again`() async throws {
        let server = try SFTPServer()
        let account = try SFTPAccountUnderTest(on: server)
        let transport = account.transport()
        for number in 0..<3 {
            try await transport.publish("x", as: "f\(number)")
            server.cutConnections()
            // The news takes a moment to arrive; an operation in between may still hear of it.
            usleep(100_000)
        }
        #expect(try await transport.list().count == 3)
        server.stop()
    }

    @Test func `nothing stays open of connections that are done with or failed`() async throws {
        let account = try SFTPAccountUnderTest()
        let wrong = try SFTPAccountUnderTest { $0.password = "wrong" }
        let changed = try SFTPAccountUnderTest { $0.hostKeys = ["SHA256:other"] }
        for _ in 0..<3 { _ = try await account.transport().list() }
        let before = try openDescriptors()
        for _ in 0..<5 {
            _ = try await account.transport().list()
            await #expect(throws: TransferError.self) { try await wrong.transport().list() }
            await #expect(throws: TransferError.self) { try await changed.transport().list() }
            for step in account.transport().reachSteps.prefix(3) { _ = try await step.run() }
        }
        // Threads of dropped connections end a moment later.
        for _ in 0..<100 where try openDescriptors() > before { usleep(20_000) }
        #expect(try openDescriptors() <= before)
    }

    @Test func `keys are agreed on again in the middle of a transfer`() async throws {
        let server = try SFTPServer(options: "RekeyLimit 2M")
        let account = try SFTPAccountUnderTest(on: server)
        let contents = longContents
        let path = try RemotePath("a")
        let outcome = try await account.transport().publish(
            .bytes(contents),
            as: path,
            expecting: Fingerprint(of: contents)
        )
        #expect(outcome == .published)
        #expect(try await account.transport().contents(of: path) == contents)
        server.stop()
    }

    @Test func `a part that is being written is no leftover`() async throws {
        let account = try SFTPAccountUnderTest()
        try await account.put("half", at: ".tallystick-alive.part")
        #expect(try await account.transport().removeLeftovers() == 0)
        #expect(try await account.names() == [".tallystick-alive.part"])
    }

    @Test func `a hundred thousand files are listed, and one more is too many`() async throws {
        let account = try SFTPAccountUnderTest()
        let root = account.folder.path
        for number in 0..<100_000 { close(open("\(root)/f\(number)", O_CREAT | O_WRONLY, 0o644)) }
        let start = ContinuousClock.now
        let files = try await account.transport().list()
        let time = start.duration(to: .now)
        print("sftp: 100,000 files listed in \(time)")
        #expect(files.count == 100_000)
        #expect(time < .seconds(10))
        try await account.put("", at: "one more")
        await #expect(throws: TransferError.tooManyFiles(limit: 100_000)) {
            try await account.transport().list()
        }
    }

    private func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
