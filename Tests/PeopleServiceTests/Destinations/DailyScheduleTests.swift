// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Testing

@testable import PeopleService

/// A time of the day is never missed, and a full file comes on each day.
@Suite("Times of the day")
struct DailyScheduleTests {
    /// A destination with a time of the day and a member; the clock stands at 12:00 UTC.
    private func people(_ mode: Destination.Mode, minute: Int) throws -> (
        test: TestPeople, trait: SID, number: Int
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200, mode: mode, schedule: .daily(minute: minute))
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        return (test, trait, number)
    }

    private func fileCount(_ test: TestPeople) -> Int {
        test.sentFiles.filter { $0.hasSuffix(".sync") }.count
    }

    @Test("A minute before midnight is not missed when no pass runs in it")
    func lateMinutes() async throws {
        let (test, trait, _) = try people(.iter, minute: 23 * 60 + 59)
        test.pass(hours: 10)
        try await test.sync()
        #expect(fileCount(test) == 0)
        test.pass(minutes: 125)
        try await test.sync()
        #expect(fileCount(test) == 1)
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        test.pass(hours: 20)
        try await test.sync()
        #expect(fileCount(test) == 1)
        test.pass(hours: 5)
        try await test.sync()
        #expect(fileCount(test) == 2)
    }

    @Test("A time that has not come on the day of creation waits for it")
    func firstDay() async throws {
        let (test, _, _) = try people(.iter, minute: 12 * 60 + 30)
        try await test.sync()
        #expect(fileCount(test) == 0)
        test.pass(minutes: 30)
        try await test.sync()
        #expect(fileCount(test) == 1)
    }

    @Test("A full file comes on each day, changed or not, and one of changes only with changes")
    func unchangedDays() async throws {
        for (mode, count) in [(Destination.Mode.full, 3), (.iter, 1)] {
            let (test, _, _) = try people(mode, minute: 11 * 60)
            for _ in 0..<3 {
                try await test.sync()
                try await test.sync()
                test.pass(days: 1)
            }
            #expect(fileCount(test) == count)
        }
    }

    @Test("A full file without members is no file on any day")
    func emptyDays() async throws {
        let (test, trait, _) = try people(.full, minute: 11 * 60)
        try await test.sync()
        try test.deliver("a\td_unsid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        for _ in 0..<3 {
            test.pass(days: 1)
            try await test.sync()
        }
        // The second one takes the last member away.
        #expect(fileCount(test) == 2)
    }

    @Test("What waits for its account goes when it can; what came after waits for the time")
    func waitingFiles() async throws {
        let (test, trait, _) = try people(.iter, minute: 11 * 60)
        try test.setEnabled(false)
        try await test.sync()
        test.pass(minutes: 10)
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try test.setEnabled(true)
        try await test.sync()
        try await test.sync()
        #expect(fileCount(test) == 1)
    }
}
