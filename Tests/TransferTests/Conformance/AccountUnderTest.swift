// SPDX-License-Identifier: Apache-2.0

@testable import Transfer

/// An empty account of one kind for one test, and a way past its transport to what is stored.
///
/// What the functions besides ``transport(_:)`` do is what a partner would do, by other means than ours.
protocol AccountUnderTest: Sendable {
    /// A new way to the account; the name tells temporary names of different ways apart where the kind needs that.
    func transport(_ name: String) -> any Transport

    /// Puts a file where a partner would, replacing one of that name.
    func put(_ contents: [UInt8], at path: RemotePath) async throws

    /// What a file holds.
    func contents(of path: RemotePath) async throws -> [UInt8]

    /// All files that are stored, hidden and temporary ones included, folders left out; sorted.
    func files() async throws -> [RemotePath]

    /// Makes a file older, by the storage's clock.
    func age(_ path: RemotePath, bySeconds seconds: Int) async throws

    /// The account's root as a directory of this machine, where the storage has folders and links and shows them.
    var directory: String? { get }

    /// How finely the storage tells times, in nanoseconds.
    var timeGranularity: Int { get }
}

extension AccountUnderTest {
    func transport() -> any Transport { transport("test") }

    func put(_ contents: String, at name: String) async throws {
        try await put(Array(contents.utf8), at: RemotePath(name))
    }

    func contents(of name: String) async throws -> String {
        String(decoding: try await contents(of: RemotePath(name)), as: UTF8.self)
    }

    /// The files' printable names.
    func names() async throws -> [String] {
        try await files().map(\.spelling)
    }
}
