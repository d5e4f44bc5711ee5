// SPDX-License-Identifier: Apache-2.0

import Matching

/// What was read of a set that is kept in pieces: whole pieces, as they stand in the database.
struct StoredMembers {
    /// A piece, or the blocks before the first one, which no piece holds yet.
    struct Piece {
        /// The blocks that it holds.
        let blocks: Range<Int>
        /// How many bytes it takes; 0 if it isn't there.
        let byteCount: Int
    }

    /// The set.
    let set: SetNumber
    /// The pieces that were read, ascending.
    let pieces: [Piece]
    /// Who is in them.
    let members: MemberSet

    /// Reading found this.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - pieces: The pieces, ascending.
    ///   - members: Who is in them.
    init(of set: SetNumber, _ pieces: [Piece], _ members: MemberSet) {
        self.set = set
        self.pieces = pieces
        self.members = members
    }

    /// A new set, which has no pieces yet.
    init(new set: SetNumber) {
        self.init(of: set, [Piece(blocks: 0..<Blocks.count, byteCount: 0)], .empty)
    }
}
