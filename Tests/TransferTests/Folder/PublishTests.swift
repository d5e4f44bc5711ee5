// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Transfer

@Suite struct PublishTests {
    @Test func `interrupted at any point, a publication is invisible or whole`() throws {
        let spool = try AccountFolder()
        let text = String(repeating: "x", count: 3 << 20)
        try spool.put(text, at: "a")
        let expected = Fingerprint(of: Array(text.utf8))
        let path = try RemotePath("a")
        var interruptedCount = 0
        for limit in 1... {
            let account = try AccountFolder()
            let folder = Folder(root: account.path)
            let checks = Atomic<Int>(0)
            let visible = Mutex<Set<[String]>>([])
            let cancellation = Cancellation {
                let names = try? folder.list(under: nil, cancellation: Cancellation()).files.map(
                    \.path.spelling
                )
                visible.withLock { _ = $0.insert(names ?? ["?"]) }
                return checks.add(1, ordering: .relaxed).newValue == limit
            }
            do throws(TransferError) {
                let outcome = try folder.publish(
                    .file(spool.path + "/a"),
                    as: path,
                    expecting: expected,
                    replacing: false,
                    id: "1",
                    cancellation: cancellation
                )
                #expect(outcome == .published)
                break
            } catch {
                #expect(error == .cancelled)
                #expect(try account.names() == [])
                #expect(visible.withLock { $0 } == [[]])
                interruptedCount += 1
            }
        }
        #expect(interruptedCount >= 8)
    }

    @Test func `leftovers of an interrupted run go, and files of a living one stay`() async throws {
        let account = try AccountFolder()
        try account.put("half", at: ".tallystick-dead-1.part")
        try account.put("half", at: "in/.tallystick-dead-2.part")
        try account.put("theirs", at: "in/partner.part")
        let folder = Folder(root: account.path)
        var living: FileDescriptor? = try folder.makeTemporary(
            Folder.temporaryName("alive"),
            in: folder.openRoot(),
            at: RemotePath("a")
        )
        #expect(living != nil)

        #expect(try await account.transport().list() == [])
        #expect(try await account.transport().removeLeftovers() == 2)
        #expect(try account.names() == [".tallystick-alive.part", "in", "in/partner.part"])

        // As when its process ends.
        living = nil
        #expect(try await account.transport().removeLeftovers() == 1)
        #expect(try account.names() == ["in", "in/partner.part"])
    }

    @Test func `a leftover of the same temporary name is no obstacle, a living run's file is`() async throws {
        let account = try AccountFolder()
        try account.put("half", at: ".tallystick-1.part")
        let transport = FolderTransport(root: account.path) { "1" }
        #expect(try await transport.publish("whole", as: "a") == .published)
        #expect(try account.names() == ["a"])

        let folder = Folder(root: account.path)
        let living = try folder.makeTemporary(
            Folder.temporaryName("1"),
            in: folder.openRoot(),
            at: RemotePath("b")
        )
        let path = try RemotePath("c")
        await #expect(throws: TransferError.system(.write, path, errno: EBUSY)) {
            try await transport.publish("other", as: "c")
        }
        #expect(try living.status().st_nlink == 1)
    }

    @Test func `a file that is written gets the account's mode`() async throws {
        let account = try AccountFolder()
        try await account.transport().publish("x", as: "a")
        var status = stat()
        #expect(stat(account.path + "/a", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o640 & ~currentUmask())
    }

    /// The process's `umask`, read without changing it.
    private func currentUmask() -> mode_t {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("Umask:") }
        return line.flatMap { mode_t($0.split(separator: "\t").last ?? "", radix: 8) } ?? 0o022
    }
}
