// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings

@testable import Transfer

/// An empty account on a server of ours, and the directory behind it.
final class SFTPAccountUnderTest: AccountUnderTest {
    let server: SFTPServer
    let settings: SFTPSettings

    /// The account's root as a directory of this machine.
    let folder: AccountFolder

    init(
        on server: SFTPServer,
        _ user: SFTPServer.User = .ordinary,
        port: UInt16? = nil,
        change: (inout SFTPSettings) -> Void = { _ in }
    ) throws {
        self.server = server
        folder = try AccountFolder(in: server.jail, owner: server.userID)
        var settings = try server.settings(
            user,
            root: "/" + folder.path.dropFirst(server.jail.count + 1),
            port: port
        )
        change(&settings)
        self.settings = settings
    }

    /// On the server that the tests share.
    convenience init(_ user: SFTPServer.User = .ordinary, change: (inout SFTPSettings) -> Void = { _ in })
        throws
    {
        try self.init(on: SFTPServer.shared.get(), user, change: change)
    }

    func transport(_ name: String) -> any Transport { SFTPTransport(settings) }

    func put(_ contents: [UInt8], at path: RemotePath) throws { try folder.put(contents, at: path) }

    func contents(of path: RemotePath) throws -> [UInt8] { try folder.contents(of: path) }

    func files() throws -> [RemotePath] { try folder.files() }

    func age(_ path: RemotePath, bySeconds seconds: Int) throws { try folder.age(path, bySeconds: seconds) }

    var directory: String? { folder.path }
    var timeGranularity: Int { 1_000_000_000 }
}
