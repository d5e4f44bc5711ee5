// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Sets in pieces hold what was written, whatever is read of them.
@Suite("Sets of IDs in pieces")
struct MemberSetStoreTests {
    private let sets = MemberSetStore()

    private func database() throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try PeopleMigrations.migrator.migrate(queue)
        return queue
    }

    private func pieces(_ database: Database) throws -> [Int: Data] {
        let rows = try Row.fetchAll(database, sql: "SELECT place, members FROM set_pieces")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    /// Numbers in some blocks, few or many of each, or a whole range.
    private func numbers(_ random: inout SeededNumbers) -> MemberSet {
        let block = UInt32.random(in: 0..<40, using: &random) << 16
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return MemberSet([block | UInt32.random(in: 0...0xFFFF, using: &random)])
        case 1: return MemberSet(block..<block + UInt32.random(in: 1...200_000, using: &random))
        case 2:
            let step = Int.random(in: 5...40, using: &random)
            return MemberSet(stride(from: Int(block), to: Int(block) + 300_000, by: step).map { UInt32($0) })
        default:
            return MemberSet(
                (0..<3_000).map { _ in UInt32.random(in: 0..<40 << 16, using: &random) }
            )
        }
    }

    @Test("Any sequence of changes gives the sets that whole sets would be", arguments: 1...8)
    func changesAgree(seed: Int) throws {
        var random = SeededNumbers(seed: UInt64(seed))
        try database().write { database in
            var expected: [SetNumber: MemberSet] = [:]
            for _ in 0..<3 {
                let members = numbers(&random)
                expected[try sets.make(members, in: database)] = members
            }
            for _ in 0..<60 {
                let set = try #require(expected.keys.sorted().randomElement(using: &random))
                let members = numbers(&random)
                let (added, removed) =
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: (members, MemberSet.empty)
                    case 1: (MemberSet.empty, members)
                    default: (members, numbers(&random))
                    }
                let before = try #require(expected[set])
                let after = before.subtracting(removed).union(added)
                let more = try sets.change(set, adding: added, removing: removed, in: database)
                #expect(more == after.count - before.count)
                expected[set] = after
                for (set, members) in expected {
                    #expect(try sets.members(of: set, in: database) == members)
                    #expect(try sets.isEmpty(set, in: database) == members.isEmpty)
                    let some = numbers(&random)
                    let part = try sets.read(set, Blocks(of: some), in: database)
                    #expect(try part.members(among: some) == members.intersection(some))
                    #expect(try part.members.isSubset(of: members))
                }
                for piece in try pieces(database).values {
                    let members = try MemberSet(serialized: Array(piece))
                    #expect(!members.isEmpty)
                    #expect(piece.count <= 8_000 || Array(Blocks(of: members).ranges).count == 1)
                }
            }
        }
    }

    @Test("A change writes only the pieces that it touches")
    func onlyTouchedPiecesChange() throws {
        try database().write { database in
            let set = try sets.make(
                MemberSet(stride(from: 0, to: 40 << 16, by: 50).map { UInt32($0) }),
                in: database
            )
            let before = try pieces(database)
            #expect(before.count > 10)
            try sets.change(set, adding: MemberSet([20 << 16 | 1]), in: database)
            let after = try pieces(database)
            let changed = after.filter { before[$0.key] != $0.value }
            #expect(changed.count == 1)
            #expect(after.count == before.count)
        }
    }

    @Test("Pieces that lose their members are joined, and go with the last one")
    func shrinkingSets() throws {
        try database().write { database in
            let all = MemberSet(stride(from: 0, to: 40 << 16, by: 50).map { UInt32($0) })
            let set = try sets.make(all, in: database)
            let few = MemberSet((0..<40).map { UInt32($0) << 16 })
            let count = try pieces(database).count
            try sets.change(set, removing: all.subtracting(few), in: database)
            #expect(try pieces(database).count < count / 5)
            #expect(try sets.members(of: set, in: database) == few.intersection(all))
            try sets.change(set, removing: few, in: database)
            #expect(try pieces(database).isEmpty)
            #expect(try sets.isEmpty(set, in: database))
            // Where a set begins again is before the place of its first piece.
            try sets.change(set, adding: MemberSet([9 << 16]), in: database)
            try sets.change(set, adding: MemberSet([3]), in: database)
            #expect(try sets.members(of: set, in: database) == MemberSet([3, 9 << 16]))
        }
    }

    @Test("The last numbers that there are can be members")
    func lastBlock() throws {
        try database().write { database in
            let last = MemberSet([0, .max - 1, .max])
            let set = try sets.make(last, in: database)
            let other = try sets.make(MemberSet([5]), in: database)
            #expect(try sets.members(of: set, in: database) == last)
            try sets.change(set, removing: MemberSet([.max]), in: database)
            #expect(try sets.members(of: set, in: database) == MemberSet([0, .max - 1]))
            #expect(try sets.members(of: other, in: database) == MemberSet([5]))
        }
    }

    @Test("Pieces go with the row that refers to their set")
    func deletedOwners() throws {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        let trait = try test.trait(of: 100, rule: "page == \"p\"")
        let segment = try Segments(test.service).create(name: "S", dataSource: 100, rule: "\(trait)T")
        let other = try test.trait(of: 100, rule: "page == \"q\"")
        let before = try test.pieceCount
        try test.onboard("a\tpage=p\nb\tpage=q\n", "ftp_dpm_100_100_1700000000.sync")
        let after = try test.pieceCount
        #expect(after > before)
        try Segments(test.service).delete(segment.sid)
        #expect(try test.pieceCount == after - 1)
        try test.service.write { try TraitStore().delete(other, in: $0) }
        #expect(try test.pieceCount == after - 2)
    }
}
