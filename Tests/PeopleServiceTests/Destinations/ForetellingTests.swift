// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Testing

@testable import PeopleService

/// What a destination's report says will come and go is what the next file brings and takes away.
@Suite("What the next file is foretold to say")
struct ForetellingTests {
    /// Something that changes what a destination shall have.
    enum Change: String, CaseIterable {
        case nothing, members, optOut
        case alias, aliasTwice, aliasAndBack, aliasAndMembers, aliasAndEnd, end, later
        case paused, pausedAndMembers, emptied, deletedSegment, secondSegment
        case restricted, restrictedAndMembers, restrictedAndAlias, restrictedAndOptOut
        case template, templateAndMembers, otherMode, otherModeAndMembers, otherModeAndAlias
    }

    /// A member of a segment, by the name that the receiver knows the segment by.
    private struct Membership: Hashable {
        let alias: String
        let id: String
    }

    /// What a receiver has, by the files that it read.
    private struct Receiver {
        var memberships: Set<Membership> = []
        private var read: Set<String> = []

        /// Reads the files that are new, in the order in which they were written.
        mutating func read(_ test: TestPeople) throws -> [String] {
            let files = test.sentFiles.filter { $0.hasSuffix(".sync") && !read.contains($0) }
                .sorted { $0.suffix(18) < $1.suffix(18) }
            for file in files { try read(file, test) }
            return files
        }

        private mutating func read(_ file: String, _ test: TestPeople) throws {
            read.insert(file)
            if file.contains("_full_") { memberships = [] }
            for line in try test.sent(file).split(separator: "\n") {
                let fields = line.split(omittingEmptySubsequences: false) { $0 == " " || $0 == ";" }
                func named(_ place: Int) -> Set<Membership> {
                    guard place < fields.count else { return [] }
                    return Set(
                        fields[place].split(separator: ",")
                            .map { Membership(alias: String($0), id: String(fields[0])) }
                    )
                }
                memberships.subtract(named(2))
                memberships.formUnion(named(1))
            }
        }
    }

    private func change(_ change: Change, _ test: TestPeople, _ segment: SID, _ number: Int) throws {
        let destinations = Destinations(test.service)
        func map(_ alias: String) throws { _ = try destinations.map(segment, to: number, alias: alias) }
        func changeMembers() throws {
            try test.onboard("d\td_sid=101\na\td_unsid=101\n", "ftp_dpm_200_1700000001.sync")
        }
        func restrict() throws {
            try test.service.write { database in
                try database.execute(
                    sql: "INSERT INTO data_source_restrictions (data_source, restriction) VALUES (200, 'pii')"
                )
            }
        }
        switch change {
        case .nothing, .members: break
        case .alias, .aliasAndMembers, .restrictedAndAlias, .otherModeAndAlias: try map("new")
        case .aliasTwice:
            try map("new")
            try map("newer")
        case .aliasAndBack:
            try map("new")
            try map("old")
        case .end: try destinations.unmap(segment, from: number)
        case .aliasAndEnd:
            try map("new")
            try destinations.unmap(segment, from: number)
        case .later: _ = try destinations.map(segment, to: number, start: test.today + 3)
        case .paused, .pausedAndMembers: _ = try Segments(test.service).setState(.paused, of: segment)
        case .restricted, .restrictedAndMembers: break
        case .restrictedAndOptOut, .optOut: _ = try OptOuts(test.service).optOut("200:b")
        case .template, .templateAndMembers:
            _ = try destinations.update(number) { destination in
                destination.template = Destination.Template(
                    fileName: "x_<SYNC_MODE>_<TIMESTAMP>.sync",
                    header: nil,
                    content: "<DP_UUID>;<SEGMENT_LIST>;<REMOVED_SEGMENT_LIST>"
                )
            }
        case .otherMode, .otherModeAndMembers: break
        case .deletedSegment: _ = try Segments(test.service).delete(segment)
        case .secondSegment:
            let other = try Segments(test.service).create(name: "O", dataSource: 200, rule: "101T").sid
            _ = try destinations.map(other, to: number)
        case .emptied: _ = try Segments(test.service).update(segment) { $0.rule = "101T and not 101T" }
        }
        let words = change.rawValue.lowercased()
        if words.contains("members") { try changeMembers() }
        if words.contains("restricted") { try restrict() }
        if words.contains("mode") {
            _ = try destinations.update(number) { $0.mode = $0.mode == .full ? .iter : .full }
        }
    }

    @Test("It is what the receiver gets", arguments: Change.allCases, Destination.Mode.allCases)
    func foretelling(_ kind: Change, mode: Destination.Mode) async throws {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        #expect(trait == 101)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T").sid
        let number = try test.destination(key: 200, mode: mode, labels: [.personallyIdentifiable])
        _ = try Destinations(test.service).map(segment, to: number, alias: "old")
        let lines = ["a", "b", "c"].map { "\($0)\td_sid=\(trait)\n" }.joined()
        try test.deliver(lines, "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        var receiver = Receiver()
        _ = try receiver.read(test)
        let before = receiver.memberships
        #expect(before.count == 3)
        test.pass(minutes: 1)

        try change(kind, test, segment, number)
        let foretold = try DestinationReport.load(number, test.service).mappings
        try await test.sync()
        let files = try receiver.read(test)
        let after = receiver.memberships
        #expect(foretold.map(\.coming).reduce(0, +) == after.subtracting(before).count)
        #expect(foretold.map(\.going).reduce(0, +) == before.subtracting(after).count)
        #expect(files.isEmpty == (before == after))
        let left = try DestinationReport.load(number, test.service).mappings
        #expect(left.allSatisfy { $0.coming == 0 && $0.going == 0 })
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("Another alias is said with the one that the receiver knows")
    func names() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number, alias: "old")
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        _ = try Destinations(test.service).map(segment, to: number, alias: "new")
        let report = try DestinationReport.load(number, test.service)
        #expect(report.mappings.map(\.sentAlias) == ["old"])
        #expect(report.text.contains("as new: 1 sent, 1 to come, 1 to go (from old)"))
    }
}
