// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

/// How contents get their final name, on every kind of account.
@Suite struct PublishConformance {
    @Test(arguments: AccountKind.available)
    func `what is published is listed and reads back`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        #expect(try await transport.publish("one line\n", as: "in/2024/a.sync") == .published)

        let files = try await transport.list()
        #expect(files.map(\.path.spelling) == ["in/2024/a.sync"])
        #expect(files.first?.byteCount == 9)
        #expect(try await transport.contents(of: RemotePath("in/2024/a.sync")) == Array("one line\n".utf8))
        #expect(try await account.names() == ["in/2024/a.sync"])
    }

    @Test(arguments: AccountKind.available)
    func `a spooled file of several chunks arrives whole`(_ kind: AccountKind) async throws {
        let spool = try AccountFolder()
        let account = try await kind.account()
        try spool.put(String(repeating: "profile line\n", count: 900_000), at: "a.gz")
        let local = spool.path + "/a.gz"
        let expected = try Fingerprint(ofLocalFile: local)

        let path = try RemotePath("a.gz")
        #expect(
            try await account.transport().publish(.file(local), as: path, expecting: expected) == .published
        )
        #expect(Fingerprint(of: try await account.contents(of: path)) == expected)
    }

    @Test(arguments: AccountKind.available)
    func `an empty file is published`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        #expect(try await account.transport().publish("", as: "empty.sync") == .published)
        #expect(try await account.transport().publish("", as: "empty.sync") == .alreadyThere)
        #expect(try await account.transport().contents(of: RemotePath("empty.sync")) == [])
        #expect(try await account.names() == ["empty.sync"])
    }

    @Test(arguments: AccountKind.available)
    func `publishing the same contents again changes nothing`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        try await transport.publish("same", as: "a")
        let before = try await transport.list()
        #expect(try await transport.publish("same", as: "a") == .alreadyThere)
        #expect(try await transport.list() == before)
    }

    @Test(arguments: AccountKind.available, ["othr", "longer"])
    func `a different file of that name stays unless replacing is asked for`(
        _ kind: AccountKind,
        _ other: String
    ) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        try await transport.publish(other, as: "a")
        await #expect(throws: TransferError.exists(try RemotePath("a"))) {
            try await transport.publish("mine", as: "a")
        }
        #expect(try await account.contents(of: "a") == other)
        #expect(try await transport.publish("mine", as: "a", replacing: true) == .published)
        #expect(try await account.contents(of: "a") == "mine")
        #expect(try await account.names() == ["a"])
    }

    @Test(arguments: AccountKind.available)
    func `contents that are not as expected never appear`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
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
        #expect(try await account.names() == [])
    }

    @Test(arguments: AccountKind.available)
    func `a missing file to publish is told as local`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        await #expect(throws: TransferError.localFile(errno: ENOENT)) {
            try await account.transport().publish(
                .file("/nonexistent/file"),
                as: RemotePath("a"),
                expecting: Fingerprint(of: [])
            )
        }
        #expect(try await account.names() == [])
    }

    @Test(arguments: AccountKind.available)
    func `a cancelled task publishes nothing`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        // Cancels itself, and is waited for.
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await transport.publish("never", as: "a")
        }
        await #expect(throws: TransferError.cancelled) { try await task.value }
        #expect(try await account.names() == [])
    }

    @Test(arguments: AccountKind.withExclusiveNames)
    func `many publishers of the same contents leave one file`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let text = String(repeating: "line\n", count: 100_000)
        let outcomes = await publishAtOnce(16, to: account) { _ in text }
        #expect(outcomes.count { $0 == .success(.published) } == 1)
        #expect(outcomes.count { $0 == .success(.alreadyThere) } == 15)
        #expect(try await account.names() == ["a"])
        #expect(try await account.contents(of: "a") == text)
    }

    @Test(arguments: AccountKind.withExclusiveNames)
    func `of many publishers of different contents one wins and the others are told`(
        _ kind: AccountKind
    ) async throws {
        let account = try await kind.account()
        let path = try RemotePath("a")
        let outcomes = await publishAtOnce(16, to: account) { "contents \($0)" }
        #expect(outcomes.count { $0 == .success(.published) } == 1)
        #expect(outcomes.count { $0 == .failure(.exists(path)) } == 15)
        #expect(try await account.names() == ["a"])
    }

    private func publishAtOnce(
        _ count: Int,
        to account: any AccountUnderTest,
        _ text: @Sendable @escaping (Int) -> String
    ) async -> [Result<Publication, TransferError>] {
        await withTaskGroup(of: Result<Publication, TransferError>.self) { group in
            for number in 0..<count {
                let transport = account.transport("publisher\(number)")
                group.addTask {
                    do throws(TransferError) {
                        return .success(try await transport.publish(text(number), as: "a"))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
