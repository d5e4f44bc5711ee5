// SPDX-License-Identifier: Apache-2.0

import Matching

/// The IDs that a change is about, or all: of sets only what they hold of these is looked at.
struct TouchedIDs: Sendable {
    /// All IDs.
    static let all = TouchedIDs(ids: nil, blocks: .all)

    /// The blocks that hold them.
    let blocks: Blocks
    private let ids: MemberSet?

    /// A change is about these.
    init(_ members: MemberSet) {
        self.init(ids: members, blocks: Blocks(of: members))
    }

    private init(ids: MemberSet?, blocks: Blocks) {
        self.ids = ids
        self.blocks = blocks
    }

    /// Whether only some IDs are touched.
    var isSome: Bool { ids != nil }

    /// Those of them who are in a set.
    func members(_ stored: StoredMembers) throws -> MemberSet {
        try ids.map { try stored.members(among: $0) } ?? stored.members
    }
}
