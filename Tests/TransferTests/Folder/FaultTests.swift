// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

@Suite struct FaultTests {
    @Test func `a folder renamed in mid-publication still gets the whole file`() throws {
        let account = try AccountFolder()
        let text = Array(String(repeating: "x", count: 3 << 20).utf8)
        let cancellation = Cancellation {
            _ = rename(account.path, account.path + "-gone")
            return false
        }
        defer { try? FileManager.default.removeItem(atPath: account.path + "-gone") }
        // The names are gone, the opened folder is not: the file lands whole in the folder that was moved.
        let outcome = try Folder(root: account.path).publish(
            .bytes(text),
            as: RemotePath("a"),
            expecting: Fingerprint(of: text),
            replacing: false,
            id: "1",
            cancellation: cancellation
        )
        #expect(outcome == .published)
        #expect(try FileManager.default.contentsOfDirectory(atPath: account.path + "-gone") == ["a"])
    }

    @Test func `a folder deleted in mid-publication is told`() throws {
        let account = try AccountFolder()
        let text = Array(String(repeating: "x", count: 3 << 20).utf8)
        let cancellation = Cancellation {
            try? FileManager.default.removeItem(atPath: account.path)
            return false
        }
        #expect(throws: TransferError.vanished(errno: ENOENT)) {
            try Folder(root: account.path).publish(
                .bytes(text),
                as: RemotePath("a"),
                expecting: Fingerprint(of: text),
                replacing: false,
                id: "1",
                cancellation: cancellation
            )
        }
    }

    @Test func `a full device is told as full`() throws {
        let device = try FileDescriptor.opening(path: "/dev/full", O_WRONLY)
        let error = #expect(throws: SystemError.self) { try device.write([1, 2, 3]) }
        let number = try #require(error?.number)
        #expect(TransferError(SystemError(number), during: .write, at: nil) == .full(errno: ENOSPC))
    }

    @Test func `a full disk leaves nothing and does not lose what stood there`() async throws {
        let disk = try SmallDisk.forTest(options: "size=1m")
        let transport = FolderTransport(root: disk.path) { "1" }
        try await transport.publish("small", as: "a")
        let large = String(repeating: "x", count: 3 << 20)
        await #expect(throws: TransferError.full(errno: ENOSPC)) {
            try await transport.publish(large, as: "b")
        }
        await #expect(throws: TransferError.full(errno: ENOSPC)) {
            try await transport.publish(large, as: "a", replacing: true)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["a"])
        #expect(try await transport.contents(of: RemotePath("a")) == Array("small".utf8))
    }

    @Test func `a read-only disk is told as read-only`() async throws {
        let disk = try SmallDisk.forTest(options: "size=1m,ro")
        let transport = FolderTransport(root: disk.path) { "1" }
        #expect(try await transport.list() == [])
        await #expect(throws: TransferError.readOnly) { try await transport.publish("x", as: "a") }
    }

    @Test func `missing rights are told, and an unreadable file does not fail the list`() throws {
        let account = try AccountFolder()
        try account.put("x", at: "closed.gz")
        try account.put("x", at: "open.gz")
        try account.put("x", at: "locked/file")
        #expect(chmod(account.path, 0o555) == 0)
        #expect(chmod(account.path + "/open.gz", 0o644) == 0)
        #expect(chmod(account.path + "/closed.gz", 0) == 0)
        #expect(chmod(account.path + "/locked", 0) == 0)
        defer {
            chmod(account.path + "/locked", 0o700)
            chmod(account.path, 0o700)
        }
        let path = try RemotePath("closed.gz")
        let locked = try RemotePath("locked")
        let root = account.path
        try asOrdinaryUser {
            let folder = Folder(root: root)
            let files = try folder.list(under: nil, cancellation: Cancellation()).files
            #expect(files.map(\.path.spelling) == ["closed.gz", "locked", "open.gz"])
            #expect(
                files.map(\.obstacle) == [.denied(path, errno: EACCES), .denied(locked, errno: EACCES), nil]
            )
            #expect(throws: TransferError.denied(path, errno: EACCES)) { _ = try folder.openFile(path) }
            let new = try RemotePath("new")
            #expect(throws: TransferError.denied(new, errno: EACCES)) {
                try folder.publish(
                    .bytes([]),
                    as: new,
                    expecting: Fingerprint(of: []),
                    replacing: false,
                    id: "1",
                    cancellation: Cancellation()
                )
            }
            #expect(throws: TransferError.denied(path, errno: EACCES)) { try folder.delete(path) }
        }
    }

    @Test func `a root that is itself a symbolic link works`() async throws {
        let account = try AccountFolder()
        let link = account.path + "-link"
        #expect(symlink(account.path, link) == 0)
        defer { unlink(link) }
        try await FolderTransport(root: link) { "1" }.publish("x", as: "a")
        #expect(try account.names() == ["a"])
    }
}
