// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation

/// Times the rendering and the writing of outbound files, best of so many rounds.
///
/// usage: `outbound-bench [LINES [ROUNDS [FOLDER]]]`; 5000000 lines, 3 rounds and the system's temporary folder if not
/// given. Lines have an ID of 38 digits or 64 hexadecimal digits and one or two segments of 200, from a seed.
@main
enum OutboundBench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        let lineCount = arguments.first.flatMap { Int($0) } ?? 5_000_000
        let rounds = arguments.dropFirst().first.flatMap { Int($0) } ?? 3
        let folder = arguments.dropFirst(2).first ?? FileManager.default.temporaryDirectory.path
        for (key, idByteCount) in [(OutboundValues.Key.visitorID, 38), (.declaredID, 64)] {
            let members = SampleMembers(count: lineCount, idByteCount: idByteCount)
            let export = try SampleExport(members, key: key, folder: folder)
            print("\(lineCount) lines, IDs of \(idByteCount) bytes, one or two segments")
            try report("rendering", lineCount, rounds) { try export.render(template: nil) }
            try report("rendering, a time for each segment", lineCount, rounds) {
                try export.render(
                    template: "<DP_UUID> <SEGMENT_LIST:{s|<s.sid>=<s.lastRealizationTime>}; separator=COMMA>"
                )
            }
            for isGzip in [false, true] {
                let kind = isGzip ? "gzip" : "plain"
                for workerCount in 0...2 {
                    try report("\(kind) file, \(workerCount) workers", lineCount, rounds) {
                        try export.write(workerCount: workerCount, isGzip: isGzip)
                    }
                }
            }
        }
    }

    /// Prints how long some work took that returns the size of what it made.
    private static func report(
        _ what: String,
        _ lineCount: Int,
        _ rounds: Int,
        _ work: () throws -> Int
    ) throws {
        let clock = ContinuousClock()
        var best = Double.infinity
        var byteCount = 0
        for _ in 0..<max(rounds, 1) {
            let start = clock.now
            byteCount = try work()
            best = min(best, start.duration(to: clock.now) / .seconds(1))
        }
        let numbers = [best, Double(lineCount) / best / 1e6, Double(byteCount) / 1_048_576]
        print("  \(what): " + String(format: "%.2f s, %.2f million lines/s, %.0f MiB", arguments: numbers))
    }
}
