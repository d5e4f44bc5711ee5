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
        try write(members, insteadOf: StoredMembers(new: number), in: database)
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
    /// - Returns: Who is in these pieces, which may hold other blocks, too.
    /// - Throws: What the database answers, or `MatchingError` for a damaged piece.
    func read(_ set: SetNumber, _ blocks: Blocks = .all, in database: Database) throws -> StoredMembers {
        let statement = try database.cachedStatement(
            sql: "SELECT place, members FROM set_pieces WHERE place BETWEEN ? AND ? ORDER BY place DESC"
        )
        let places = Self.places(of: set)
        var pieces: [StoredMembers.Piece] = []
        var sets: [MemberSet] = []
        let least = blocks.first ?? Blocks.count
        // From the last piece on, so that of each one it is known where the next one begins.
        let rows = try Row.fetchCursor(statement, arguments: [places.lowerBound, places.upperBound])
        var end = Blocks.count
        while end > least, let row = try rows.next() {
            let start = (row[0] as Int) - places.lowerBound
            if blocks.contains(anyOf: start..<end) {
                let byteCount = try row.withUnsafeData(atIndex: 1) { data in
                    try (data ?? Data()).withUnsafeBytes { bytes in
                        sets.append(try MemberSet(serialized: bytes))
                        return bytes.count
                    }
                }
                pieces.append(StoredMembers.Piece(blocks: start..<end, byteCount: byteCount))
            }
            end = start
        }
        if blocks.contains(anyOf: 0..<end), end > least {
            pieces.append(StoredMembers.Piece(blocks: 0..<end, byteCount: 0))
        }
        return StoredMembers(of: set, pieces.reversed(), MemberSet.union(of: sets))
    }

    /// Writes what changed in pieces that were read.
    ///
    /// - Parameters:
    ///   - members: Who shall be in them.
    ///   - stored: The pieces as they were read, unchanged since.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func write(_ members: MemberSet, insteadOf stored: StoredMembers, in database: Database) throws {
        let changed = Blocks(of: members.symmetricDifference(stored.members))
        guard changed.first != nil else { return }
        var open: Draft?
        for piece in stored.pieces {
            let isChanged = changed.contains(anyOf: piece.blocks)
            let next = Draft(piece, isChanged: isChanged, members)
            if let draft = open, draft.isFollowed(by: next),
                draft.byteCount + next.byteCount <= Self.joinedByteCount
            {
                open = draft.joined(with: next)
                continue
            }
            if let open { try write(open, members, of: stored.set, in: database) }
            open = next
        }
        if let open { try write(open, members, of: stored.set, in: database) }
    }

    /// Adds IDs to a set.
    func insert(_ members: MemberSet, into set: SetNumber, in database: Database) throws {
        let stored = try read(set, Blocks(of: members), in: database)
        try write(stored.members.union(members), insteadOf: stored, in: database)
    }

    /// Takes IDs out of a set.
    ///
    /// - Returns: Whether any of them was in it.
    @discardableResult
    func remove(_ members: MemberSet, from set: SetNumber, in database: Database) throws -> Bool {
        let stored = try read(set, Blocks(of: members), in: database)
        guard stored.members.intersectionCount(members) > 0 else { return false }
        try write(stored.members.subtracting(members), insteadOf: stored, in: database)
        return true
    }

    // Pieces in the making

    /// One piece, or neighbours that become one, as they will be written.
    private struct Draft {
        /// The places, as first blocks, of the pieces that there were.
        private(set) var starts: [Int]
        private(set) var blocks: Range<Int>
        private(set) var byteCount: Int
        private(set) var isChanged: Bool

        init(_ piece: StoredMembers.Piece, isChanged: Bool, _ members: MemberSet) {
            starts = piece.byteCount > 0 ? [piece.blocks.lowerBound] : []
            blocks = piece.blocks
            byteCount = isChanged ? members.members(in: piece.blocks).serializedByteCount : piece.byteCount
            self.isChanged = isChanged
        }

        /// Whether another one begins where this one ends, and both have to be written or it makes no difference.
        func isFollowed(by next: Draft) -> Bool {
            blocks.upperBound == next.blocks.lowerBound && (isChanged || next.isChanged)
        }

        func joined(with next: Draft) -> Draft {
            var joined = self
            joined.starts += next.starts
            joined.blocks = blocks.lowerBound..<next.blocks.upperBound
            joined.byteCount += next.byteCount
            joined.isChanged = true
            return joined
        }
    }

    private func write(_ draft: Draft, _ members: MemberSet, of set: SetNumber, in database: Database) throws
    {
        guard draft.isChanged else { return }
        let first = Self.places(of: set).lowerBound
        let parts = Self.cut(members.members(in: draft.blocks), from: draft.blocks.lowerBound)
        for start in draft.starts where !parts.contains(where: { $0.start == start }) {
            let statement = try database.cachedStatement(sql: "DELETE FROM set_pieces WHERE place = ?")
            try statement.execute(arguments: [first + start])
        }
        for part in parts {
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO set_pieces (place, members) VALUES (?, ?)
                    ON CONFLICT (place) DO UPDATE SET members = excluded.members
                    """
            )
            try statement.execute(arguments: [first + part.start, Data(part.members.serialized())])
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
