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
    /// A larger piece is cut when it is written, unless it is one block; a page of the database holds one of this size.
    private static let largestByteCount = 8_000
    /// What the pieces of a larger one have at most, so that they can grow.
    private static let cutByteCount = 5_600
    /// Neighbours are joined when they are written and take less together.
    private static let joinedByteCount = 4_000

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
    /// - Throws: What the database answers, or `MatchingError` for a damaged piece.
    func read(_ set: SetNumber, _ blocks: Blocks = .all, in database: Database) throws -> StoredMembers {
        let statement = try database.cachedStatement(
            sql: "SELECT place, members FROM set_pieces WHERE place BETWEEN ? AND ? ORDER BY place DESC"
        )
        let places = Self.places(of: set)
        var pieces: [StoredMembers.Piece] = []
        let least = blocks.first ?? Blocks.count
        // From the last piece on, so that of each one it is known where the next one begins.
        let rows = try Row.fetchCursor(statement, arguments: [places.lowerBound, places.upperBound])
        var end = Blocks.count
        while end > least, let row = try rows.next() {
            let start = (row[0] as Int) - places.lowerBound
            if blocks.contains(anyOf: start..<end) {
                let piece = try row.withUnsafeData(atIndex: 1) { data in
                    try (data ?? Data()).withUnsafeBytes { bytes in
                        StoredMembers.Piece(
                            blocks: start..<end,
                            byteCount: bytes.count,
                            members: try MemberSet(serialized: bytes)
                        )
                    }
                }
                pieces.append(piece)
            }
            end = start
        }
        if blocks.contains(anyOf: 0..<end) {
            pieces.append(StoredMembers.Piece(blocks: 0..<end, byteCount: 0, members: .empty))
        }
        return StoredMembers(of: set, pieces.reversed())
    }

    /// Changes pieces that were read.
    ///
    /// - Parameters:
    ///   - stored: The pieces, unchanged since they were read; they hold the blocks of all that changes.
    ///   - change: Who comes and who goes; nobody does both.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func write(_ stored: StoredMembers, _ change: MemberChange, in database: Database) throws {
        guard !change.isEmpty else { return }
        let changed = Blocks(of: change.added.union(change.removed))
        var open: Draft?
        for piece in stored.pieces {
            var next = Draft(piece)
            if changed.contains(anyOf: piece.blocks) {
                let rest = piece.members.subtracting(change.removed)
                next.change(rest.union(change.added.members(in: piece.blocks)))
            }
            if let draft = open, draft.isJoined(with: next) {
                open = draft.joined(with: next)
                continue
            }
            if let open { try write(open, of: stored.set, in: database) }
            open = next
        }
        if let open { try write(open, of: stored.set, in: database) }
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
        let before = stored.members(among: touched)
        let after = before.subtracting(removed).union(added)
        try write(stored, MemberChange(from: before, to: after), in: database)
        return after.count - before.count
    }

    // Pieces in the making

    /// One piece, or neighbours that become one, as they will be written.
    private struct Draft {
        /// The first blocks of the pieces that there were.
        private var starts: [Int]
        private var blocks: Range<Int>
        private var byteCount: Int
        private var members: MemberSet
        private var isChanged = false

        init(_ piece: StoredMembers.Piece) {
            starts = piece.byteCount > 0 ? [piece.blocks.lowerBound] : []
            blocks = piece.blocks
            byteCount = piece.byteCount
            members = piece.members
        }

        mutating func change(_ other: MemberSet) {
            guard other != members else { return }
            members = other
            byteCount = other.serializedByteCount
            isChanged = true
        }

        /// Whether another one begins where this one ends, and one of them has to be written in any case.
        func isJoined(with next: Draft) -> Bool {
            blocks.upperBound == next.blocks.lowerBound && (isChanged || next.isChanged)
                && byteCount + next.byteCount <= MemberSetStore.joinedByteCount
        }

        func joined(with next: Draft) -> Draft {
            var joined = self
            joined.starts += next.starts
            joined.blocks = blocks.lowerBound..<next.blocks.upperBound
            joined.byteCount += next.byteCount
            joined.members = members.union(next.members)
            joined.isChanged = true
            return joined
        }

        /// The pieces to delete and those to write, by first block; none if nothing changed.
        var result: (deleted: [Int], written: [(start: Int, members: MemberSet)]) {
            guard isChanged else { return ([], []) }
            let parts = MemberSetStore.cut(members, from: blocks.lowerBound)
            return (starts.filter { start in !parts.contains { $0.start == start } }, parts)
        }
    }

    private func write(_ draft: Draft, of set: SetNumber, in database: Database) throws {
        let (first, result) = (Self.places(of: set).lowerBound, draft.result)
        for start in result.deleted {
            let statement = try database.cachedStatement(sql: "DELETE FROM set_pieces WHERE place = ?")
            try statement.execute(arguments: [first + start])
        }
        for piece in result.written {
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO set_pieces (place, members) VALUES (?, ?)
                    ON CONFLICT (place) DO UPDATE SET members = excluded.members
                    """
            )
            try statement.execute(arguments: [first + piece.start, Data(piece.members.serialized())])
        }
    }

    /// Cuts what has become too large for one piece; nobody needs no piece.
    private static func cut(_ members: MemberSet, from start: Int) -> [(start: Int, members: MemberSet)] {
        guard !members.isEmpty else { return [] }
        guard members.serializedByteCount > largestByteCount else { return [(start, members)] }
        var parts: [(start: Int, members: MemberSet)] = []
        var (first, end, byteCount) = (start, start, 0)
        for block in Blocks(of: members).ranges {
            let more = members.members(in: block).serializedByteCount
            if byteCount > 0, byteCount + more > cutByteCount {
                parts.append((first, members.members(in: first..<end)))
                (first, byteCount) = (block.lowerBound, 0)
            }
            end = block.upperBound
            byteCount += more
        }
        parts.append((first, members.members(in: first..<end)))
        return parts
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
