// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Times the core of the People service: onboarding, ID synchronization and the evaluation of segments.
///
/// usage: `people-bench [DEVICES [FOLDER]]`; 10000000 devices, half as many people, and the system's temporary folder
/// if not given. The folder needs about 1 KiB for each device, and is emptied at the end.
@main
enum PeopleBench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        let devices = arguments.first.flatMap { Int($0) } ?? 10_000_000
        let parent = arguments.dropFirst().first ?? FileManager.default.temporaryDirectory.path
        let folder = parent + "/people-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let trial = try Trial(folder, deviceCount: devices)
        try trial.run()
    }
}
