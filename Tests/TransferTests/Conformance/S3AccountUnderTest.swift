// SPDX-License-Identifier: Apache-2.0

import Surroundings

@testable import Transfer

/// An empty account that is a bucket of a real S3 server.
final class S3AccountUnderTest: AccountUnderTest {
    private let account: PartnerBucket

    init() async throws {
        account = try await PartnerBucket()
    }

    func transport(_ name: String) -> any Transport {
        guard let transport = try? account.transport() else { preconditionFailure("settings of a test") }
        return transport
    }

    func put(_ contents: [UInt8], at path: RemotePath) async throws {
        try await account.put(contents, at: String(decoding: path.bytes, as: UTF8.self))
    }

    func contents(of path: RemotePath) async throws -> [UInt8] {
        try await account.contents(String(decoding: path.bytes, as: UTF8.self))
    }

    func files() async throws -> [RemotePath] {
        try await account.names().map { try RemotePath($0) }
    }

    /// Objects have the time at which they were written, and no other.
    func age(_ path: RemotePath, bySeconds seconds: Int) {}

    var directory: String? { nil }
    var timeGranularity: Int { 1_000_000_000 }
}
