// SPDX-License-Identifier: Apache-2.0

import Matching

/// What was read of a set that is kept in pieces: whole pieces, as they stand in the database, not unpacked yet.
struct StoredMembers: Sendable {
    /// A piece, or the blocks before the first one, which no piece holds yet.
    struct Piece {
        /// The blocks that it holds.
        let blocks: Range<Int>
        /// Where it lies among ``StoredMembers/bytes``; empty if it isn't there.
        let place: Range<Int>
    }

    /// The set.
    let set: SetNumber
    /// The pieces that were read, ascending.
    let pieces: [Piece]
    /// What they hold, in the portable format.
    let bytes: [UInt8]

    /// Reading found this.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - pieces: The pieces, ascending.
    ///   - bytes: What they hold.
    init(of set: SetNumber, _ pieces: [Piece], _ bytes: [UInt8]) {
        self.set = set
        self.pieces = pieces
        self.bytes = bytes
    }

    /// A new set, which has no pieces yet.
    init(new set: SetNumber) {
        self.init(of: set, [Piece(blocks: 0..<Blocks.count, place: 0..<0)], [])
    }

    /// Who is in the pieces.
    var members: MemberSet {
        get throws { MemberSet.union(of: try pieces.map(members)) }
    }

    /// Who is in them, of some IDs.
    func members(among some: MemberSet) throws -> MemberSet {
        MemberSet.union(of: try pieces.map { try members(of: $0).intersection(some) })
    }

    /// Who is in a piece.
    ///
    /// - Throws: `MatchingError` for a damaged piece.
    func members(of piece: Piece) throws -> MemberSet {
        guard !piece.place.isEmpty else { return .empty }
        return try withBytes(of: piece) { try MemberSet(serialized: $0) }
    }

    /// Calls a function with those of some IDs who are in the pieces, without unpacking them.
    ///
    /// - Parameters:
    ///   - numbers: The IDs, ascending.
    ///   - flags: The same, one bit for each number from 0 on.
    ///   - body: Is given those who are in, ascending, some at a time.
    /// - Throws: `MatchingError` for a damaged piece.
    func find(
        _ numbers: UnsafeBufferPointer<IDNumber>,
        flags: UnsafeBufferPointer<UInt64>,
        _ body: (UnsafeBufferPointer<IDNumber>) -> Void
    ) throws {
        for piece in pieces where !piece.place.isEmpty {
            try withBytes(of: piece) { try MemberSet.find(numbers, flags: flags, in: $0, body) }
        }
    }

    private func withBytes<Value>(
        of piece: Piece,
        _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[piece.place])) }
    }
}
