// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

/// What goes wrong and how it is told, on every kind of account.
@Suite struct FaultConformance {
    @Test(arguments: AccountKind.withFolders)
    func `a folder that vanishes is told by every function`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let directory = try #require(account.directory)
        let transport = account.transport()
        let path = try RemotePath("in/a")
        try await transport.publish("x", as: "in/a")
        try FileManager.default.removeItem(atPath: directory)

        let gone = TransferError.vanished(errno: ENOENT)
        await #expect(throws: gone) { try await transport.list() }
        await #expect(throws: gone) { try await transport.read(path) }
        await #expect(throws: gone) { try await transport.publish("y", as: "in/b") }
        await #expect(throws: gone) { try await transport.publish("y", as: "b") }
        await #expect(throws: gone) { try await transport.move(path, to: RemotePath("b")) }
        await #expect(throws: gone) { try await transport.delete(path) }
        await #expect(throws: gone) { try await transport.delete(RemotePath("b")) }
        await #expect(throws: gone) { try await transport.removeLeftovers() }
        if try await kind.tellsSpace { await #expect(throws: gone) { try await transport.freeBytes() } }
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test(arguments: AccountKind.withFolders)
    func `symbolic links lead nowhere`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let directory = try #require(account.directory)
        // A name that stands for the same folder in a server's chroot and outside.
        let outside = try AccountFolder(in: (directory as NSString).deletingLastPathComponent)
        #expect(chmod(outside.path, 0o777) == 0)
        try outside.put("secret", at: "file")
        let relative = "../" + (outside.path as NSString).lastPathComponent
        #expect(symlink(relative, directory + "/out") == 0)
        #expect(symlink(relative + "/file", directory + "/link") == 0)
        #expect(symlink(relative + "/new", directory + "/dangling") == 0)
        let transport = account.transport()

        for name in ["link", "dangling"] {
            let path = try RemotePath(name)
            await #expect(throws: TransferError.notAFile(path)) { try await transport.read(path) }
            await #expect(throws: TransferError.notAFile(path)) { try await transport.publish("x", as: name) }
            await #expect(throws: TransferError.notAFile(path)) { try await transport.delete(path) }
            await #expect(throws: TransferError.notAFile(path)) {
                try await transport.move(path, to: RemotePath("moved"))
            }
        }
        let out = TransferError.notAFolder(try RemotePath("out"))
        let file = try RemotePath("out/file")
        await #expect(throws: out) { try await transport.read(file) }
        await #expect(throws: out) { try await transport.publish("x", as: "out/new") }
        await #expect(throws: out) { try await transport.delete(file) }
        await #expect(throws: out) { try await transport.list(under: RemotePath("out")) }
        let listed = try await transport.list()
        #expect(listed.map(\.path.spelling).sorted() == ["dangling", "link", "out"])
        #expect(listed.allSatisfy { $0.obstacle == .notAFile($0.path) })
        #expect(try outside.names() == ["file"])
        #expect(try outside.contents(of: "file") == "secret")
    }

    @Test(arguments: AccountKind.withFolders)
    func `a folder where a file is expected is told`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        try await account.put("x", at: "in/file")
        let path = try RemotePath("in")
        let transport = account.transport()
        await #expect(throws: TransferError.notAFile(path)) { try await transport.read(path) }
        await #expect(throws: TransferError.notAFile(path)) { try await transport.publish("x", as: "in") }
        await #expect(throws: TransferError.notAFile(path)) { try await transport.delete(path) }
        await #expect(throws: TransferError.notAFolder(try RemotePath("in/file"))) {
            try await transport.publish("x", as: "in/file/deeper")
        }
    }

    @Test(arguments: AccountKind.withFolders)
    func `what an interrupted run left is not listed and goes in the end`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let names = [".tallystick-dead-1.part", "in/.tallystick-dead-2.part"]
        for name in names {
            try await account.put("half", at: name)
            try await account.age(RemotePath(name), bySeconds: 48 * 60 * 60)
        }
        try await account.put("theirs", at: "in/partner.part")
        let transport = account.transport()
        #expect(try await transport.list() == [])
        #expect(try await transport.removeLeftovers() == 2)
        #expect(try await transport.removeLeftovers() == 0)
        #expect(try await account.names() == ["in/partner.part"])
    }

    @Test(arguments: AccountKind.available)
    func `a check of a working account passes every step and keeps nothing`(_ kind: AccountKind) async throws
    {
        let account = try await kind.account()
        try await account.put("x", at: "partner.gz")
        let check = ConnectionCheck(of: account.transport(), probeID: "1") {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
        let steps = await check.run()
        #expect(steps.allSatisfy { $0.outcome == .ok || ($0.name == .space && $0.outcome == .skipped) })
        #expect(steps.first { $0.name == .list }?.finding == .files(1))
        #expect(steps.filter { $0.outcome == .ok }.allSatisfy { $0.seconds > 0 })
        #expect(try await account.names() == ["partner.gz"])
    }
}

extension AccountKind {
    /// Whether an account of this kind says how much room it has.
    fileprivate var tellsSpace: Bool {
        get async throws { try await account().transport().freeBytes() != nil }
    }
}
