// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Transfer

/// What is moved, and which way.
struct BenchTransfer: ParsableArguments {
    enum Way: String, ExpressibleByArgument {
        case up, down
    }

    @Argument(help: "up or down") var way: Way
    @Argument(help: "The local file.") var local: String
    @Argument(help: "The file in the account.") var remote: String

    /// Moves the file; prints the seconds that it took and the peak mebibytes of this process.
    ///
    /// What measuring a file before its upload takes does not count.
    func run(by transport: some Transport) async throws {
        let path = try RemotePath(remote)
        let expected = way == .up ? try Fingerprint(ofLocalFile: local) : nil
        let clock = ContinuousClock()
        let start = clock.now
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
    private func peakMebibytes() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        return (kibibytes ?? 0) / 1_024
    }
}
