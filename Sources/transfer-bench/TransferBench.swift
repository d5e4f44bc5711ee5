// SPDX-License-Identifier: Apache-2.0

import Foundation
import Transfer

/// Times one upload or download over SFTP, for Benchmarks/sftp/run.sh.
///
/// usage: `transfer-bench up|down LOCAL REMOTE PORT USER KEY-FILE ROOT HOST-KEY`; prints seconds and peak mebibytes.
@main
enum TransferBench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        guard arguments.count == 8, let port = UInt16(arguments[3]) else {
            print("usage: transfer-bench up|down LOCAL REMOTE PORT USER KEY-FILE ROOT HOST-KEY")
            exit(2)
        }
        var settings = SFTPSettings(
            host: "127.0.0.1",
            port: port,
            user: arguments[4],
            root: arguments[6],
            hostKeys: [arguments[7]]
        )
        settings.privateKey = try String(contentsOfFile: arguments[5], encoding: .utf8)
        let local = arguments[1]
        let path = try RemotePath(arguments[2])
        let expected = arguments[0] == "up" ? try Fingerprint(ofLocalFile: local) : nil
        let clock = ContinuousClock()
        let start = clock.now
        let transport = SFTPTransport(settings)
        if let expected {
            _ = try await transport.publish(.file(local), as: path, expecting: expected)
        } else {
            let listed = try await transport.list(under: path.folder).first { $0.path == path }
            guard let listed else { throw TransferError.notFound(path) }
            _ = try await transport.download(listed, to: local)
        }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        print(String(format: "%.3f %.1f", seconds, peakMebibytes()))
    }

    /// The most memory that the process has had at a time.
    private static func peakMebibytes() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        return (kibibytes ?? 0) / 1_024
    }
}
