// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

/// Segments whose rules name a trait that is not there any more.
@Suite struct DeletedTraitTests {
    @Test func `a segment with a deleted trait loses its members and says why`() async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let (gone, kept) = (try test.trait(of: 200), try test.trait(of: 200))
        let segment = try Segments(test.service)
            .create(name: "Both", dataSource: 200, rule: "\(gone)T or \(kept)T")
        try test.onboard("A\td_sid=\(gone)\nB\td_sid=\(kept)\n", "ftp_dpm_200_1366545717.sync")
        #expect(try test.members(of: segment.sid) == ["200:A", "200:B"])
        #expect(await fault { try Traits(test.service).delete(gone) } == "people.trait-in-use")
        let preview = try Traits(test.service).delete(gone, isForced: true, isDryRun: true)
        #expect(preview.map { [$0.before, $0.after] } == [[2, 1]])
        #expect(try test.members(of: segment.sid) == ["200:A", "200:B"])
        try Traits(test.service).delete(gone, isForced: true)
        #expect(try test.members(of: segment.sid) == ["200:B"])
        #expect(try test.service.read { try SegmentStore().missingTraits(of: segment.sid, in: $0) } == [gone])
        let findings = try await PeopleDiagnosis(test.service).run().findings
        #expect(
            findings.filter { $0.check == "segment \(segment.sid)" }.map(\.finding)
                == ["its rule names \(gone)T, which was deleted; nobody has it"]
        )
        let renamed = try Segments(test.service).update(segment.sid) { $0.name = "One" }
        #expect(renamed.name == "One" && renamed.rule == segment.rule)
        #expect(try test.members(of: segment.sid) == ["200:B"])
        #expect(
            await fault {
                _ = try Segments(test.service).update(segment.sid) { $0.rule = "\(gone)T" }
            } == "people.trait-unknown"
        )
        try Segments(test.service).delete(segment.sid)
        let after = try await PeopleDiagnosis(test.service).run().findings
        #expect(!after.contains { $0.check.hasPrefix("segment") })
    }
}
