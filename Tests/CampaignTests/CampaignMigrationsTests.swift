// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct CampaignMigrationsTests {
    @Test func `an empty database gets every table, and a second opening changes nothing`() throws {
        let test = try TestCampaign()
        let schema = { (campaign: Campaign) in
            try campaign.read {
                try String.fetchAll(
                    $0,
                    sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
                )
            }
        }
        let before = try schema(test.campaign)
        #expect(before.contains { $0.contains("CREATE TABLE ledger_files") })
        #expect(try schema(test.reopened()) == before)
        try Campaign.create(test.data, world: test.world)
        #expect(try schema(test.campaign) == before)
        let applied = try test.campaign.read { try CampaignMigrations.migrator.appliedMigrations($0) }
        #expect(applied == CampaignMigrations.migrator.migrations)
    }

    @Test func `a database that stopped at any earlier step is brought up to date`() throws {
        let migrator = CampaignMigrations.migrator
        for step in migrator.migrations {
            let database = try DatabaseQueue()
            try migrator.migrate(database, upTo: step)
            try migrator.migrate(database)
            #expect(try database.read { try migrator.hasCompletedMigrations($0) }, "\(step)")
        }
    }

    @Test func `a database of a newer version is refused and left as it is`() async throws {
        let test = try TestCampaign()
        try test.campaign.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9999_later')")
        }
        let refusal = await problem { _ = try test.reopened() }
        #expect(refusal?.kind.code == "database.newer")
        let made = await problem { try Campaign.create(test.data, world: test.world) }
        #expect(made?.kind.code == "database.newer")
    }

    @Test func `a receipt that doesn't add up can't be stored as completed`() async throws {
        let test = try TestCampaign()
        var receipt = try test.campaign.write {
            try ReceiptStore().begin(.import, SharedDataSource.defaultID, at: 0, in: $0)
        }
        receipt.received = 5
        receipt.counts[.matched] = 4
        receipt.state = .completed
        let unfinished = receipt
        let refusal = await problem {
            try test.campaign.write { try ReceiptStore().finish(unfinished, in: $0) }
        }
        #expect(refusal?.kind.code == "receipts.lines-unaccounted")
        for state in ["completed", "completed with rejects"] {
            #expect(throws: DatabaseError.self) {
                try test.campaign.database.write { database in
                    try database.execute(
                        sql: "UPDATE receipts SET state = ?, received = 5, matched = 4 WHERE id = ?",
                        arguments: [state, unfinished.id.rawValue]
                    )
                }
            }
        }
        #expect(try test.receipts.map(\.state) == [.running])
    }

    @Test(arguments: [
        "SELECT * FROM receipts WHERE position < 10 ORDER BY position DESC LIMIT 100",
        "SELECT * FROM audiences WHERE position > 10 ORDER BY position LIMIT 100",
        "SELECT * FROM audiences WHERE data_source = 'X' ORDER BY position LIMIT 100",
        "SELECT * FROM ledger_files WHERE account = 'a' AND path = 'b' AND byte_count = 1 AND modified = 2",
        "SELECT * FROM ledger_files WHERE byte_count = 1 AND state = 'loaded' ORDER BY id DESC LIMIT 100",
        "SELECT * FROM receipt_files WHERE receipt = 'R1' ORDER BY position LIMIT 100",
        "SELECT * FROM receipt_segments WHERE receipt = 'R1' ORDER BY position LIMIT 100",
        "SELECT * FROM receipt_reasons WHERE receipt = 'R1'",
        "SELECT number FROM profiles WHERE ccpaOptOut = 1 ORDER BY number",
        "SELECT * FROM profiles WHERE number = 1",
        "SELECT count(*) FROM visitor_links WHERE profile = 1",
        "SELECT key FROM index_changes WHERE index_id = 1 AND sequence > 2 AND sequence <= 3 ORDER BY sequence",
    ])
    func `what is asked often finds its rows through an index`(sql: String) throws {
        let test = try TestCampaign()
        let plan = try test.campaign.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
        }
        let isPartial = plan.contains { $0.contains("profiles_opted_out_of_sharing") }
        #expect(isPartial || !plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
    }

    @Test(arguments: ["junk", "cut"])
    func `a file that is no database is said`(damage: String) async throws {
        let test = try TestCampaign()
        let data = DataDirectory(path: test.root + "/other")
        try Campaign.create(data, world: test.world).database.close()
        let bytes = try Data(contentsOf: URL(filePath: data.campaignDatabase))
        let broken =
            damage == "junk"
            ? Data("no database at all, only text".utf8) + bytes.dropFirst(29) : bytes.prefix(10_000)
        for name in ["campaign.db-wal", "campaign.db-shm"] {
            try? FileManager.default.removeItem(atPath: "\(data.path)/\(name)")
        }
        try broken.write(to: URL(filePath: data.campaignDatabase))
        let refusal = await problem {
            let campaign = try Campaign(data, world: test.world)
            _ = try campaign.read { try SharedDataSourceStore(campaign).all(in: $0) }
        }
        #expect(refusal?.kind.code == "database.damaged")
    }
}
