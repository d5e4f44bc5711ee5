// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Surroundings
import Testing

@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct WrongUsageTests {
    @Test(arguments: [["sync", "--bogus"], ["nonsense"], ["audiences", "share", "A", "--data-source", "D"]])
    func `wrong usage ends with 2, and is JSON where JSON is asked for`(_ command: [String]) throws {
        let test = try TestCampaign()
        let plain = try ProgramProcess(command, data: test.data.path, isHeard: true).finish()
        #expect(plain.exitCode == 2)
        #expect(plain.errors.contains("Usage:"))
        let json = try ProgramProcess(command + ["--json"], data: test.data.path, isHeard: true).finish()
        #expect(json.exitCode == 2)
        let problem = try JSONSerialization.jsonObject(with: Data(json.errors.utf8)) as? [String: Any]
        let body = try #require(problem?["problem"] as? [String: Any])
        #expect(body["code"] as? String == "program.wrong-usage")
    }
}
