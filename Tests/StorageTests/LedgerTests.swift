// SPDX-License-Identifier: Apache-2.0

import GRDB
import Storage
import Testing

@Suite struct LedgerTests {
    private func makeDatabase() throws -> DatabaseQueue {
        let database = try DatabaseQueue()
        try database.write { try LedgerSchema.create(in: $0) }
        return database
    }

    private func discover(
        _ ledger: Ledger,
        _ path: String = "a.sync",
        bytes: Int64 = 10,
        modified: Int64 = 5,
        in database: Database
    ) throws -> Ledger.Entry {
        try ledger.discover(account: "in", path: path, byteCount: bytes, modified: modified, in: database)
    }

    @Test func `a version of a file is noted once, another size or time is another version`() throws {
        try makeDatabase()
            .write { database in
                let ledger = Ledger(at: 1)
                let first = try discover(ledger, in: database)
                #expect(first.state == .discovered)
                #expect(try discover(Ledger(at: 2), in: database) == first)
                #expect(try discover(ledger, bytes: 11, in: database).id != first.id)
                #expect(try discover(ledger, modified: 6, in: database).id != first.id)
                #expect(try discover(ledger, "b.sync", in: database).id != first.id)
            }
    }

    @Test func `every step can be done twice with the effect of once`() throws {
        try makeDatabase()
            .write { database in
                let entry = try discover(Ledger(at: 1), in: database)
                for time in [Int64(2), 3] {
                    try Ledger(at: time)
                        .move(entry.id, to: .loaded, receipt: "R1", sha256: "ab", in: database)
                }
                let loaded = try discover(Ledger(at: 4), in: database)
                #expect(loaded.state == .loaded)
                #expect(loaded.receipt == "R1")
                #expect(loaded.sha256 == "ab")
                try Ledger(at: 5).move(entry.id, to: .waiting, reason: "parts", in: database)
                let waiting = try discover(Ledger(at: 6), in: database)
                #expect(waiting.reason == "parts")
                #expect(waiting.sha256 == "ab")
                try Ledger(at: 7).move(entry.id, to: .discovered, in: database)
                #expect(try discover(Ledger(at: 8), in: database).reason == nil)
            }
    }

    @Test func `interrupted work begins anew, finished work stays`() throws {
        try makeDatabase()
            .write { database in
                let ledger = Ledger(at: 1)
                let states: [Ledger.State] = [.discovered, .spooled, .verified, .loaded, .rejected, .waiting]
                for state in states {
                    let entry = try discover(ledger, "\(state).sync", in: database)
                    try ledger.move(entry.id, to: state, receipt: "R1", in: database)
                }
                try ledger.resetInterrupted(in: database)
                let after = try states.map { try discover(ledger, "\($0).sync", in: database) }
                #expect(
                    after.map(\.state) == [
                        .discovered, .discovered, .discovered, .loaded, .rejected, .waiting,
                    ]
                )
                #expect(after.map(\.receipt) == ["R1", nil, nil, "R1", "R1", "R1"])
            }
    }

    @Test func `loaded files of a size are found, newest first`() throws {
        try makeDatabase()
            .write { database in
                let ledger = Ledger(at: 1)
                for (path, bytes) in [("a", 10), ("b", 10), ("c", 20), ("d", 10)] as [(String, Int64)] {
                    let entry = try discover(ledger, path, bytes: bytes, in: database)
                    guard path != "d" else { continue }
                    try ledger.move(entry.id, to: .loaded, sha256: path, in: database)
                }
                #expect(try ledger.loaded(byteCount: 10, in: database).map(\.path) == ["b", "a"])
            }
    }

    @Test func `a state that is none can't be stored`() throws {
        let database = try makeDatabase()
        #expect(throws: DatabaseError.self) {
            try database.write { database in
                let entry = try discover(Ledger(at: 1), in: database)
                try database.execute(
                    sql: "UPDATE ledger_files SET state = 'lost' WHERE id = ?",
                    arguments: [entry.id]
                )
            }
        }
    }
}
