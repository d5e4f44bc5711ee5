// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage

/// Times the People service: onboarding, ID synchronization, the evaluation of segments, and the whole way from a file
/// that came in to files that left.
///
/// usage: `people-bench [DEVICES [FOLDER [FILLED]]]`; 10000000 devices, half as many people, and the system's temporary
/// folder if not given. The folder needs about 1 KiB for each device, and is emptied at the end. FILLED is a data
/// directory to begin with: a copy of it is measured, and it is filled first if it isn't there, so that variants of the
/// program can be compared without filling one each time.
@main
enum PeopleBench {
    static func main() async throws {
        ProcessMemory.shareOneHeap()
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        let devices = arguments.first.flatMap { Int($0) } ?? 10_000_000
        let parent = arguments.dropFirst().first ?? FileManager.default.temporaryDirectory.path
        let folder = parent + "/people-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard let filled = arguments.dropFirst(2).first else {
            let trial = try Trial(folder, deviceCount: devices)
            try trial.fill()
            return try await trial.measure()
        }
        if !FileManager.default.fileExists(atPath: filled) {
            let made = "\(folder)/filling"
            try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: true)
            try Trial(made, deviceCount: devices).fill()
            try FileManager.default.moveItem(atPath: "\(made)/data", toPath: filled)
        }
        try FileManager.default.copyItem(atPath: filled, toPath: "\(folder)/data")
        try await Trial(folder, deviceCount: devices).measure()
    }
}
