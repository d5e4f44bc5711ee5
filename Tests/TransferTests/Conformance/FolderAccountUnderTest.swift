// SPDX-License-Identifier: Apache-2.0

@testable import Transfer

/// An empty account that is a directory of this machine.
final class FolderAccountUnderTest: AccountUnderTest {
    private let folder: AccountFolder

    init() throws {
        folder = try AccountFolder()
    }

    func transport(_ name: String) -> any Transport { folder.transport(name) }

    func put(_ contents: [UInt8], at path: RemotePath) throws { try folder.put(contents, at: path) }

    func contents(of path: RemotePath) throws -> [UInt8] { try folder.contents(of: path) }

    func files() throws -> [RemotePath] { try folder.files() }

    func age(_ path: RemotePath, bySeconds seconds: Int) throws { try folder.age(path, bySeconds: seconds) }

    var directory: String? { folder.path }
    var timeGranularity: Int { 1 }
}
