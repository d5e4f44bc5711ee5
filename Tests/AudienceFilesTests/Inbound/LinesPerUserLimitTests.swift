// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct LinesPerUserLimitTests {
    @Test func `of 300 lines of one user 200 are taken and 100 are excess`() {
        var limit = LinesPerUserLimit()
        let admitted = (0..<300).map { _ in Array("user".utf8).withUnsafeBytes { limit.admit($0) } }
        #expect(admitted == Array(repeating: true, count: 200) + Array(repeating: false, count: 100))
        #expect(Array("User".utf8).withUnsafeBytes { limit.admit($0) })
        #expect(limit.userCount == 2)
    }

    @Test func `many users are counted apart while the table grows`() {
        var limit = LinesPerUserLimit(limit: 3)
        for round in 0..<5 {
            for user in 0..<50_000 {
                let isAdmitted = Array("user-\(user)".utf8).withUnsafeBytes { limit.admit($0) }
                if isAdmitted != (round < 3) {
                    Issue.record("user \(user), round \(round)")
                    return
                }
            }
        }
        #expect(limit.userCount == 50_000)
    }
}
