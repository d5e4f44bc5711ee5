// SPDX-License-Identifier: Apache-2.0

import Matching

/// What becomes of the pieces of a set when members come and go, ready to be written.
struct PieceChanges: Sendable {
    /// A larger piece is cut when it is written, unless it is one block; a page of the database holds one of this size.
    private static let largestByteCount = 8_000
    /// What the pieces of a larger one have at most, so that they can grow.
    private static let cutByteCount = 5_600
    /// Neighbours are joined when they are written and take less together.
    private static let joinedByteCount = 4_000

    /// The set.
    let set: SetNumber
    /// The first blocks of the pieces that go.
    private(set) var deleted: [Int] = []
    /// The pieces that come or change: the first block, and the members in the portable format.
    private(set) var written: [(start: Int, bytes: [UInt8])] = []

    /// Finds out what becomes of pieces that were read.
    ///
    /// - Parameters:
    ///   - stored: The pieces; they hold the blocks of all that changes.
    ///   - change: Who comes and who goes; nobody does both.
    /// - Throws: `MatchingError` for a damaged piece.
    init(_ stored: StoredMembers, _ change: MemberChange) throws {
        set = stored.set
        guard !change.isEmpty else { return }
        let changed = Blocks(of: change.added.union(change.removed))
        var open: Draft?
        for piece in stored.pieces {
            var next = Draft(piece, of: stored)
            if changed.contains(anyOf: piece.blocks) { try next.apply(change) }
            if let draft = open, draft.isJoined(with: next) {
                open = try draft.joined(with: next)
                continue
            }
            if let open { note(open) }
            open = next
        }
        if let open { note(open) }
    }

    /// Notes what becomes of a piece; nothing if it didn't change.
    private mutating func note(_ draft: Draft) {
        guard let members = draft.changed else { return }
        let parts = Self.cut(members, from: draft.blocks.lowerBound)
        deleted += draft.starts.filter { start in !parts.contains { $0.start == start } }
        written += parts.map { ($0.start, $0.members.serialized()) }
    }

    /// One piece, or neighbours that become one, as they will be written.
    private struct Draft {
        /// The first blocks of the pieces that there were.
        private(set) var starts: [Int]
        private(set) var blocks: Range<Int>
        /// The members, once they are others than before.
        private(set) var changed: MemberSet?
        private var byteCount: Int
        private let read: () throws -> MemberSet

        init(_ piece: StoredMembers.Piece, of stored: StoredMembers) {
            starts = piece.place.isEmpty ? [] : [piece.blocks.lowerBound]
            blocks = piece.blocks
            byteCount = piece.place.count
            read = { try stored.members(of: piece) }
        }

        mutating func apply(_ change: MemberChange) throws {
            let members = try read()
            let rest = members.subtracting(change.removed)
            let result = rest.union(change.added.members(in: blocks))
            guard result != members else { return }
            changed = result
            byteCount = result.serializedByteCount
        }

        /// Whether another one begins where this one ends, and one of them has to be written in any case.
        func isJoined(with next: Draft) -> Bool {
            blocks.upperBound == next.blocks.lowerBound && (changed ?? next.changed) != nil
                && byteCount + next.byteCount <= PieceChanges.joinedByteCount
        }

        func joined(with next: Draft) throws -> Draft {
            var joined = self
            joined.starts += next.starts
            joined.blocks = blocks.lowerBound..<next.blocks.upperBound
            joined.byteCount += next.byteCount
            joined.changed = try (changed ?? read()).union(next.changed ?? next.read())
            return joined
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
}
