// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage

/// A partner's storage for one test, empty at first: what the partner does there, and the way in for a system.
package final class Partner: Sendable {
    package let kind: AccountKind

    /// The account's root as a directory of this machine, where it is one.
    package let directory: String?

    /// The bucket, where it is one.
    package let bucket: PartnerBucket?

    private let server: SFTPServer?
    private let user: SFTPServer.User
    private let isStranger: Bool

    /// The folder of the bucket that the account stands for.
    private static let folder = "exchange/"

    /// Makes an empty storage.
    ///
    /// - Parameters:
    ///   - kind: What kind of storage.
    ///   - server: An SFTP server of the test's own, the one that all tests share if none is given.
    ///   - user: Who our program is on an SFTP server.
    ///   - isStranger: Whether our program is somebody in the bucket who has only the rights that the test gives.
    /// - Throws: What keeps the storage from being made.
    package init(
        _ kind: AccountKind,
        on server: SFTPServer? = nil,
        as user: SFTPServer.User = .ordinary,
        isStranger: Bool = false
    ) async throws {
        self.kind = kind
        self.user = user
        self.isStranger = isStranger
        self.server = kind == .sftp ? try server ?? SFTPServer.shared.get() : nil
        bucket = kind == .s3 ? try await PartnerBucket() : nil
        guard kind != .s3 else {
            directory = nil
            return
        }
        let parent = self.server?.jail ?? FileManager.default.temporaryDirectory.path
        let directory = "\(parent)/partner-\(UUID().uuidString)"
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if let owner = self.server?.userID { _ = chown(directory, owner, 0) }
    }

    deinit {
        if let directory { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// The port of the storage's server.
    package var port: UInt16 { server?.port ?? bucket?.server.port ?? 0 }

    /// Ends the storage's server as a crash does.
    package func killServer() throws {
        server?.kill()
        try bucket?.server.kill()
    }

    /// Starts the storage's server again.
    package func startServer() throws {
        try server?.start()
        try bucket?.server.start()
    }

    /// The account as our program knows it.
    ///
    /// - Parameters:
    ///   - id: The account's ID.
    ///   - rules: How its files are treated.
    ///   - port: Where its server is to be found, if not at its own port.
    ///   - sealer: Seals the secrets.
    /// - Returns: The account.
    /// - Throws: What keeps the secrets from being sealed.
    package func account(
        _ id: String,
        _ rules: AccountRules = AccountRules(),
        port: UInt16? = nil,
        sealer: Sealer
    ) throws -> ExternalAccount {
        var secrets = AccountSecrets()
        let settings: ExternalAccount.Settings
        if let bucket {
            secrets.secretAccessKey = isStranger ? PartnerBucket.strangerSecret : PartnerBucket.secret
            settings = .s3(
                S3Account(
                    receiverServer: "\(bucket.name).s3.amazonaws.com/\(Self.folder.dropLast())",
                    accessKeyID: isStranger ? PartnerBucket.strangerID : PartnerBucket.accessKeyID,
                    region: "us-east-1",
                    endpoint: "http://127.0.0.1:\(port ?? self.port)"
                )
            )
        } else if let server, let directory {
            secrets.password = SFTPServer.password
            settings = .sftp(
                SFTPAccount(
                    host: "127.0.0.1",
                    port: Int(port ?? self.port),
                    user: server.name(of: user),
                    path: String(directory.dropFirst(server.jail.count)),
                    hostKeys: [try server.hostKey("ed25519")]
                )
            )
        } else {
            settings = .folder(path: directory ?? "")
        }
        return ExternalAccount(
            id: id,
            label: "Partner",
            settings: settings,
            rules: rules,
            sealedSecrets: try secrets.sealed(for: id, sealer)
        )
    }

    /// Puts a file.
    package func put(_ contents: [UInt8], at name: String) async throws {
        guard let directory else {
            try await bucket?.put(contents, at: Self.folder + name)
            return
        }
        let path = "\(directory)/\(name)"
        let folder = (path as NSString).deletingLastPathComponent
        if folder != directory {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if let owner = server?.userID { _ = chown(folder, owner, 0) }
        }
        try Data(contents).write(to: URL(filePath: path))
        if let owner = server?.userID { _ = chown(path, owner, 0) }
    }

    package func put(_ text: String, at name: String) async throws {
        try await put(Array(text.utf8), at: name)
    }

    /// Reads a file.
    package func contents(_ name: String) async throws -> [UInt8] {
        if let bucket { return try await bucket.contents(Self.folder + name) }
        return try Array(Data(contentsOf: URL(filePath: "\(directory ?? "")/\(name)")))
    }

    package func text(_ name: String) async throws -> String {
        String(decoding: try await contents(name), as: UTF8.self)
    }

    /// The names of all files, hidden and temporary ones included.
    package func names() async throws -> [String] {
        if let bucket { return try await bucket.names().map { String($0.dropFirst(Self.folder.count)) } }
        let root = directory ?? ""
        return try FileManager.default.subpathsOfDirectory(atPath: root).sorted().filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    /// The names of files that are not hidden.
    package func visibleNames() async throws -> [String] {
        try await names().filter { !$0.contains("/.") && !$0.hasPrefix(".") }
    }
}
