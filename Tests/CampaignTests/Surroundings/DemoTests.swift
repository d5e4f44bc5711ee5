// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

/// The demo is what newcomers see first: every command of it works.
@Suite(
    .enabled(if: ProgramProcess.path != nil && FileManager.default.fileExists(atPath: "Demo/profiles.csv"))
)
struct DemoTests {
    @Test func `the demo runs all its commands and ends well`() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let outcome = try ProgramProcess.run("demo", "--directory", root, data: root)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("$ tallystick check"))
        #expect(outcome.output.contains("receipt R4"))
    }
}
