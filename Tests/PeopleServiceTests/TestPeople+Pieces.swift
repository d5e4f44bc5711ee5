// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage
import Testing

@testable import PeopleService

/// Few IDs in many pieces, as many IDs are.
extension TestPeople {
    /// Lets the next new ID be the first one of another block: those until there are nobody's.
    func beginBlock(of dataSource: DataSourceNumber) throws {
        try service.write { database in
            let texts = IDBatch()
            let count = try IDStore().count(in: database)
            for _ in 0..<65_536 - count % 65_536 {
                texts.append(UnsafeRawBufferPointer(start: nil, count: 0))
            }
            let sources = [UInt32](repeating: UInt32(dataSource), count: texts.count)
            try IDStore().append(texts, of: sources, in: database)
        }
    }

    /// Cuts every set into as many pieces as can be.
    func cutPieces() throws {
        try service.write { database in
            for row in try Row.fetchAll(database, sql: "SELECT place, members FROM set_pieces") {
                let (place, data): (Int, Data) = (row[0], row[1])
                let members = try MemberSet(serialized: Array(data))
                try database.execute(sql: "DELETE FROM set_pieces WHERE place = ?", arguments: [place])
                for block in Blocks(of: members).ranges {
                    try database.execute(
                        sql: "INSERT INTO set_pieces (place, members) VALUES (?, ?)",
                        arguments: [
                            place - place % 65_536 + block.lowerBound,
                            Data(members.members(in: block).serialized()),
                        ]
                    )
                }
            }
        }
    }

    /// How many pieces there are.
    var pieceCount: Int {
        get throws { try service.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM set_pieces") ?? 0 } }
    }
}
