// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Testing

@testable import PeopleService

/// What an older database holds is there after its schema changed.
@Suite("Migrations of people.db")
struct PeopleMigrationsTests {
    @Test("A database that stopped at any earlier step is brought up to date")
    func everyStep() throws {
        let migrator = PeopleMigrations.migrator
        for step in migrator.migrations {
            let database = try DatabaseQueue()
            try migrator.migrate(database, upTo: step)
            try migrator.migrate(database)
            #expect(try database.read { try migrator.hasCompletedMigrations($0) }, "\(step)")
        }
    }

    @Test("Sets that were one value each are carried over, and change as before")
    func setsBecomePieces() throws {
        let migrator = PeopleMigrations.migrator
        let queue = try DatabaseQueue()
        try migrator.migrate(queue, upTo: "0011_provisioning")
        let (few, many) = (MemberSet([1, 2, 70_000]), MemberSet((0..<100_000).map { UInt32($0) * 7 }))
        try queue.write { try Self.fill($0, few, many) }
        try migrator.migrate(queue)
        try queue.write { database in
            let trait = try #require(try TraitStore().list(limit: 1, in: database).first)
            let entries = try RealizationStore().entries(of: trait, on: Day(101), in: database)
            #expect(entries.map(\.day) == [Day(100), Day(101)])
            #expect(entries.map(\.levels.sets) == [[many, few], [few]])
            #expect(try SegmentStore().members(of: 300, in: database) == many)
            #expect(try SegmentStore().members(of: 301, in: database) == .empty)
            #expect(try IDStore().members(of: .optedOut, in: database) == few)
            #expect(try IDStore().members(of: .dataSource(100), in: database) == many)
            #expect(try ActivityStore().all(in: database) == few)
            #expect(try DestinationStore().sent(300, to: 1, in: database) == few)
            let plan = try #require(try OutboundPlanStore().plan(of: 1, in: database))
            let change = try #require(try OutboundPlanStore().changes(of: plan, in: database)[300])
            try DestinationStore().noteSent(change, 300, to: 1, at: 5, in: database)
            #expect(try DestinationStore().sent(300, to: 1, in: database) == many)
            #expect(try DestinationStore().mappings(of: 1, in: database).map(\.sentCount) == [many.count])
            // Numbers of new sets are nobody's.
            let set = try MemberSetStore().make(MemberSet([9]), in: database)
            #expect(try SegmentStore().members(of: 300, in: database) == many)
            try IDStore().change(.dataSource(100), in: database) { $0.union(MemberSet([3])) }
            #expect(
                try IDStore().members(of: .dataSource(100), in: database) == many.union(MemberSet([3]))
            )
            for table in ["segments", "traits", "outbound_plans", "mappings", "id_sets", "activity"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
            let places = try Int.fetchAll(database, sql: "SELECT place FROM set_pieces")
            #expect(places == [set * 65_536])
        }
    }

    private static func fill(_ database: Database, _ few: MemberSet, _ many: MemberSet) throws {
        let (few, many) = (Data(few.serialized()), Data(many.serialized()))
        let nobody = Data(MemberSet.empty.serialized())
        try database.execute(
            literal: """
                INSERT INTO data_sources (number, name, id_type, id_spelling, namespace, created, changed)
                    VALUES (100, 'Source', 'cookie', 'declared', 100, 0, 0);
                INSERT INTO traits (sid, name, data_source, rule, lifetime_days, created, changed)
                    VALUES (200, 'Trait', 100, 'page == "p"', 120, 0, 0);
                INSERT INTO realizations (trait, day, level, members)
                    VALUES (200, 100, 1, \(many)), (200, 100, 2, \(few)), (200, 101, 1, \(few));
                INSERT INTO merge_rules
                    (number, name, across, devices, is_default, follows_new_sources, created)
                    VALUES (1, 'Rule', 'last', 'device', 1, 1, 0);
                INSERT INTO segments
                    (sid, name, data_source, rule, merge_rule, state, members, size, evaluated, created, changed)
                    VALUES (300, 'Many', 100, '200T', 1, 'active', \(many), 100000, 0, 0, 0),
                        (301, 'Nobody', 100, '200T', 1, 'active', \(nobody), 0, 0, 0, 0);
                INSERT INTO id_sets (name, members) VALUES ('opted-out', \(few)), ('data-source-100', \(many));
                INSERT INTO activity (day, members) VALUES (100, \(few));
                INSERT INTO destinations (number, name, key_data_source, account, mode, schedule, is_gzip,
                    part_byte_count, is_paused, created, changed)
                    VALUES (1, 'Destination', 100, 'out', 'iter', 'on-change', 0, 1000000, 0, 0, 0);
                INSERT INTO mappings (destination, segment, alias, sent, sent_count)
                    VALUES (1, 300, '300', \(few), 3);
                INSERT INTO outbound_plans (receipt, destination, files) VALUES (7, 1, '[]');
                INSERT INTO outbound_plan_sets (receipt, segment, members) VALUES (7, 300, \(many));
                """
        )
    }
}
