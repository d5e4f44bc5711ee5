// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage

/// The number by which rows of the database refer to a set of IDs.
typealias SetNumber = Int

/// Sets of IDs in the database, in pieces: a change reads and writes only the pieces that it touches.
///
/// A piece is one value of a few kilobytes: the members from its first block on, up to the block where the next piece
/// begins. A piece that grows is cut, and neighbours that shrink are joined when they are written. Triggers of the
/// database delete the pieces of a set with the row that refers to it.
struct MemberSetStore {
    /// Makes a set.
    ///
    /// - Parameters:
    ///   - members: The IDs in it.
    ///   - database: The database, in a transaction.
    /// - Returns: Its number.
    /// - Throws: What the database answers.
    func make(_ members: MemberSet = .empty, in database: Database) throws -> SetNumber {
        let number = try Counter.set.next(in: database)
        try write(
            StoredMembers(new: number),
            MemberChange(added: members, removed: .empty),
            in: database
        )
        return number
    }

    /// Who is in a set.
    func members(of set: SetNumber, in database: Database) throws -> MemberSet {
        try read(set, in: database).members
    }

    /// Whether nobody is in a set.
    func isEmpty(_ set: SetNumber, in database: Database) throws -> Bool {
        let places = Self.places(of: set)
        return try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM set_pieces WHERE place BETWEEN ? AND ? LIMIT 1",
            arguments: [places.lowerBound, places.upperBound]
        ) == nil
    }

    /// Reads the pieces of a set that hold some blocks.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - blocks: The blocks; all unless said.
    ///   - database: The database.
    /// - Returns: These pieces, which may hold other blocks, too.
    /// - Throws: What the database answers.
    func read(_ set: SetNumber, _ blocks: Blocks = .all, in database: Database) throws -> StoredMembers {
        let statement = try database.cachedStatement(
            sql: "SELECT place, members FROM set_pieces WHERE place BETWEEN ? AND ? ORDER BY place DESC"
        )
        let places = Self.places(of: set)
        var pieces: [StoredMembers.Piece] = []
        var bytes: [UInt8] = []
        let least = blocks.first ?? Blocks.count
        // From the last piece on, so that of each one it is known where the next one begins.
        let rows = try Row.fetchCursor(statement, arguments: [places.lowerBound, places.upperBound])
        var end = Blocks.count
        while end > least, let row = try rows.next() {
            let start = (row[0] as Int) - places.lowerBound
            if blocks.contains(anyOf: start..<end) {
                let place = bytes.count
                try row.withUnsafeData(atIndex: 1) { data in
                    (data ?? Data()).withUnsafeBytes { bytes.append(contentsOf: $0) }
                }
                pieces.append(StoredMembers.Piece(blocks: start..<end, place: place..<bytes.count))
            }
            end = start
        }
        if blocks.contains(anyOf: 0..<end) {
            pieces.append(StoredMembers.Piece(blocks: 0..<end, place: bytes.count..<bytes.count))
        }
        return StoredMembers(of: set, pieces.reversed(), bytes)
    }

    /// Changes pieces that were read.
    ///
    /// - Parameters:
    ///   - stored: The pieces, unchanged since they were read; they hold the blocks of all that changes.
    ///   - change: Who comes and who goes; nobody does both.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers, or `MatchingError` for a damaged piece.
    func write(_ stored: StoredMembers, _ change: MemberChange, in database: Database) throws {
        try write(PieceChanges(stored, change), in: database)
    }

    /// Changes pieces as was found out before, on any thread.
    func write(_ changes: PieceChanges, in database: Database) throws {
        let first = Self.places(of: changes.set).lowerBound
        for start in changes.deleted {
            let statement = try database.cachedStatement(sql: "DELETE FROM set_pieces WHERE place = ?")
            try statement.execute(arguments: [first + start])
        }
        for piece in changes.written {
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO set_pieces (place, members) VALUES (?, ?)
                    ON CONFLICT (place) DO UPDATE SET members = excluded.members
                    """
            )
            try statement.execute(arguments: [first + piece.start, Data(piece.bytes)])
        }
    }

    /// Changes a set.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - added: Who comes.
    ///   - removed: Who goes, unless they come.
    ///   - database: The database, in a transaction.
    /// - Returns: How many members it has more or, below 0, less.
    /// - Throws: What the database answers.
    @discardableResult
    func change(
        _ set: SetNumber,
        adding added: MemberSet = .empty,
        removing removed: MemberSet = .empty,
        in database: Database
    ) throws -> Int {
        let touched = added.union(removed)
        let stored = try read(set, Blocks(of: touched), in: database)
        let before = try stored.members(among: touched)
        let after = before.subtracting(removed).union(added)
        try write(stored, MemberChange(from: before, to: after), in: database)
        return after.count - before.count
    }

    /// The places of the pieces of a set, one for each block at which a piece may begin.
    private static func places(of set: SetNumber) -> ClosedRange<Int> {
        set * Blocks.count...(set + 1) * Blocks.count - 1
    }
}

extension Counter {
    /// The number of the newest set of IDs.
    static let set = Counter("set")
}
