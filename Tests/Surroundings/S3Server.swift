// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A real S3 server that verifies signatures, started once for all tests (`s3-server`).
///
/// It ends when its input closes or this process is gone, whichever way that happens.
package final class S3Server: Sendable {
    package let port: UInt16

    private let input: FileHandle
    private let output: FileHandle
    private let turn = Mutex(())

    /// The one server of the tests, started by whoever asks first.
    package static let shared = Result { try S3Server(options: ["--encryption"]) }

    /// Whether the packages are there that `scripts/install-packages test` installs.
    package static let isInstalled = [
        "swift-proxy-server", "swift-object-server", "swift-ring-builder", "memcached",
    ]
    .allSatisfy { name in
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    package init(options: [String]) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let work = FileManager.default.temporaryDirectory.appending(path: "s3-server-\(UUID())").path
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = folder.appending(path: "s3-server")
        process.arguments = [work] + options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        let line = S3Server.line(of: self.output)
        guard let port = UInt16(line) else { throw CocoaError(.executableLoad) }
        self.port = port
    }

    /// Ends the part of the server that answers, at once, as a crash does.
    package func kill() throws { try command("kill") }

    /// Starts the part of the server that answers again unless it runs, and waits until it does.
    package func start() throws { try command("start") }

    /// Says what is to be done and waits for the answer; one at a time, since the answers do not say whose they are.
    private func command(_ text: String) throws {
        try turn.withLock { _ in
            try input.write(contentsOf: Data("\(text)\n".utf8))
            guard S3Server.line(of: output) == "done" else { throw CocoaError(.executableLoad) }
        }
    }

    private static func line(of file: FileHandle) -> String {
        var bytes: [UInt8] = []
        while let byte = file.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
