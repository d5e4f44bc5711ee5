// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Transfer

@Suite struct PublishTests {
    @Test func `what is published is listed and reads back`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        #expect(try await transport.publish("one line\n", as: "in/2024/a.sync") == .published)

        let files = try await transport.list()
        #expect(files.map(\.path.spelling) == ["in/2024/a.sync"])
        #expect(files.first?.byteCount == 9)
        #expect(try await transport.contents(of: RemotePath("in/2024/a.sync")) == Array("one line\n".utf8))
        #expect(try account.names() == ["in", "in/2024", "in/2024/a.sync"])
    }

    @Test func `a spooled file of several chunks arrives whole`() async throws {
        let spool = try AccountFolder()
        let account = try AccountFolder()
        try spool.put(String(repeating: "profile line\n", count: 300_000), at: "a.gz")
        let local = spool.path + "/a.gz"
        let expected = try Fingerprint(ofLocalFile: local)

        let path = try RemotePath("a.gz")
        #expect(
            try await account.transport().publish(.file(local), as: path, expecting: expected) == .published
        )
        #expect(try Fingerprint(ofLocalFile: account.path + "/a.gz") == expected)
    }

    @Test func `publishing the same contents again changes nothing`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        try await transport.publish("same", as: "a")
        let before = try await transport.list()
        #expect(try await transport.publish("same", as: "a") == .alreadyThere)
        #expect(try await transport.list() == before)
    }

    @Test(arguments: ["othr", "longer"])
    func `a different file of that name stays unless replacing is asked for`(_ other: String) async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        try await transport.publish(other, as: "a")
        await #expect(throws: TransferError.exists(try RemotePath("a"))) {
            try await transport.publish("mine", as: "a")
        }
        #expect(try account.contents(of: "a") == other)
        #expect(try await transport.publish("mine", as: "a", replacing: true) == .published)
        #expect(try account.contents(of: "a") == "mine")
        #expect(try account.names() == ["a"])
    }

    @Test func `contents that are not as expected never appear`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        let path = try RemotePath("a")
        await #expect(throws: TransferError.sizeDiffers(path, expected: 3, actual: 4)) {
            try await transport.publish(
                .bytes([1, 2, 3, 4]),
                as: path,
                expecting: Fingerprint(of: [1, 2, 3])
            )
        }
        await #expect(throws: TransferError.checksumDiffers(path)) {
            try await transport.publish(.bytes([1, 2, 4]), as: path, expecting: Fingerprint(of: [1, 2, 3]))
        }
        #expect(try account.names() == [])
    }

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
                let names = try? folder.list(under: nil, cancellation: Cancellation()).map(\.path.spelling)
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

    @Test func `a cancelled task publishes nothing`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        // Cancels itself, and is waited for.
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await transport.publish("never", as: "a")
        }
        await #expect(throws: TransferError.cancelled) { try await task.value }
        #expect(try account.names() == [])
    }

    @Test func `many publishers of the same contents leave one file`() async throws {
        let account = try AccountFolder()
        let text = String(repeating: "line\n", count: 100_000)
        let outcomes = await withTaskGroup(of: Result<Publication, TransferError>.self) { group in
            for number in 0..<16 {
                let transport = account.transport("publisher\(number)")
                group.addTask {
                    do throws(TransferError) {
                        return .success(try await transport.publish(text, as: "a"))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .success(.published) } == 1)
        #expect(outcomes.count { $0 == .success(.alreadyThere) } == 15)
        #expect(try account.names() == ["a"])
        #expect(try account.contents(of: "a") == text)
    }

    @Test func `of many publishers of different contents one wins and the others are told`() async throws {
        let account = try AccountFolder()
        let path = try RemotePath("a")
        let outcomes = await withTaskGroup(of: Result<Publication, TransferError>.self) { group in
            for number in 0..<16 {
                let transport = account.transport("publisher\(number)")
                group.addTask {
                    do throws(TransferError) {
                        return .success(try await transport.publish("contents \(number)", as: "a"))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .success(.published) } == 1)
        #expect(outcomes.count { $0 == .failure(.exists(path)) } == 15)
        #expect(try account.names() == ["a"])
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
