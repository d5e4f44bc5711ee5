// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Transfer

/// `transfer-bench sftp`: one file to or from an SFTP server of this machine.
struct SFTPBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sftp")

    @OptionGroup var transfer: BenchTransfer
    @Option(help: "The server's port.") var port: UInt16
    @Option(help: "The user to sign in as.") var user: String
    @Option(help: "The file that holds the private key.") var keyFile: String
    @Option(help: "The folder on the server.") var root: String
    @Option(help: "The fingerprint of the host key.") var hostKey: String

    func run() async throws {
        var settings = SFTPSettings(
            host: "127.0.0.1",
            port: port,
            user: user,
            root: root,
            hostKeys: [hostKey]
        )
        settings.privateKey = try String(contentsOfFile: keyFile, encoding: .utf8)
        try await transfer.run(by: SFTPTransport(settings))
    }
}
