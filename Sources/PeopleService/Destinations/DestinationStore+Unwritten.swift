// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage

/// IDs that files of a destination can't name, kept so that not every pass tries again.
extension DestinationStore {
    /// The IDs that could not be written when it was tried last.
    func unwritten(of destination: Int, in database: Database) throws -> MemberSet {
        let data = try Data.fetchOne(
            database,
            sql: "SELECT members FROM unwritten_ids WHERE destination = ?",
            arguments: [destination]
        )
        return try data.map { try $0.withUnsafeBytes { try MemberSet(serialized: $0) } } ?? .empty
    }

    /// Notes the IDs that could not be written now.
    func setUnwritten(_ members: MemberSet, of destination: Int, in database: Database) throws {
        guard !members.isEmpty else {
            return try database.execute(
                sql: "DELETE FROM unwritten_ids WHERE destination = ?",
                arguments: [destination]
            )
        }
        try database.execute(
            sql: "INSERT OR REPLACE INTO unwritten_ids (destination, members) VALUES (?, ?)",
            arguments: [destination, Data(members.serialized())]
        )
    }

    /// Lets IDs be tried again whose links changed, where it is other IDs that name people: what one of them lacked it
    /// may have now.
    ///
    /// Only templates of older versions name people so.
    func tryAgain(_ touched: MemberSet, in database: Database) throws {
        let waiting = try Int.fetchAll(
            database,
            sql: """
                SELECT destination FROM unwritten_ids JOIN destinations ON number = destination
                WHERE template IS NOT NULL ORDER BY destination
                """
        )
        for number in waiting {
            let unwritten = try unwritten(of: number, in: database)
            let rest = unwritten.subtracting(touched)
            guard rest != unwritten,
                try OutboundForm.isMisnaming(find(number, in: database), in: database)
            else { continue }
            try setUnwritten(rest, of: number, in: database)
            try Counter.change.next(in: database)
        }
    }
}
