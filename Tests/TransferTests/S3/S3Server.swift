// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A real S3 server that verifies signatures, started once for all tests (`Server/s3-server`).
///
/// It ends when its input closes or this process is gone, whichever way that happens.
final class S3Server: Sendable {
    let port: Int

    private let input: FileHandle
    private let output: FileHandle

    /// The one server of the tests, started by whoever asks first.
    static let shared = Result { try S3Server(options: ["--encryption"]) }

    /// Whether the packages are there that `scripts/install-packages test` installs.
    static let isInstalled = ["swift-proxy-server", "swift-object-server", "swift-ring-builder", "memcached"]
        .allSatisfy { name in
            let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        }

    init(options: [String]) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let work = FileManager.default.temporaryDirectory.appending(path: "s3-server-\(UUID())").path
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = folder.appending(path: "Server/s3-server")
        process.arguments = [work] + options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        let line = S3Server.line(of: self.output)
        guard let port = Int(line) else { throw CocoaError(.executableLoad) }
        self.port = port
    }

    /// Ends the part of the server that answers, at once, as a crash does.
    func kill() throws { try command("kill") }

    /// Starts the part of the server that answers again, and waits until it does.
    func start() throws { try command("start") }

    private func command(_ text: String) throws {
        try input.write(contentsOf: Data("\(text)\n".utf8))
        _ = S3Server.line(of: output)
    }

    private static func line(of file: FileHandle) -> String {
        var bytes: [UInt8] = []
        while let byte = file.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
