// SPDX-License-Identifier: Apache-2.0

import Matching

/// What was read of a set that is kept in pieces: whole pieces, as they stand in the database.
struct StoredMembers: Sendable {
    /// A piece, or the blocks before the first one, which no piece holds yet.
    struct Piece {
        /// The blocks that it holds.
        let blocks: Range<Int>
        /// How many bytes it takes; 0 if it isn't there.
        let byteCount: Int
        /// Who is in it.
        let members: MemberSet
    }

    /// The set.
    let set: SetNumber
    /// The pieces that were read, ascending.
    let pieces: [Piece]

    /// Reading found this.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - pieces: The pieces, ascending.
    init(of set: SetNumber, _ pieces: [Piece]) {
        self.set = set
        self.pieces = pieces
    }

    /// A new set, which has no pieces yet.
    init(new set: SetNumber) {
        self.init(of: set, [Piece(blocks: 0..<Blocks.count, byteCount: 0, members: .empty)])
    }

    /// Who is in the pieces.
    var members: MemberSet { MemberSet.union(of: pieces.map(\.members)) }

    /// Who is in them, of some IDs.
    func members(among some: MemberSet) -> MemberSet {
        MemberSet.union(of: pieces.map { $0.members.intersection(some) })
    }
}
