// SPDX-License-Identifier: Apache-2.0

import Matching

/// Who comes into a set and who goes.
struct MemberChange: Sendable {
    /// Those who come.
    let added: MemberSet
    /// Those who go.
    let removed: MemberSet

    /// They come and go.
    init(added: MemberSet, removed: MemberSet) {
        self.added = added
        self.removed = removed
    }

    /// What makes one set of another.
    init(from old: MemberSet, to new: MemberSet) {
        self.init(added: new.subtracting(old), removed: old.subtracting(new))
    }

    /// Whether nobody comes or goes.
    var isEmpty: Bool { added.isEmpty && removed.isEmpty }
}
