// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings

@testable import Transfer

/// An upload in a process of its own, which can be killed.
final class UploadProcess {
    /// The program that was built beside the tests, nothing where it was not.
    static let path: String? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = (tests as NSString).deletingLastPathComponent + "/transfer-bench"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    private let process = Process()

    /// Starts to upload a local file to an account, through a port of this machine.
    init(
        of local: String,
        as name: String,
        _ settings: SFTPSettings,
        _ port: UInt16,
        _ server: SFTPServer
    ) throws {
        process.executableURL = URL(filePath: Self.path ?? "/nowhere")
        process.arguments = [
            "sftp", "up", local, name, "--port", String(port), "--user", settings.user,
            "--key-file", server.base + "/user_ed25519", "--root", settings.root,
            "--host-key", settings.hostKeys.joined(),
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    /// Ends the process as no program can prevent (`kill -9`).
    func kill() {
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
