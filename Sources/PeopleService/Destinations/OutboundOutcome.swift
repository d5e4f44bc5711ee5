// SPDX-License-Identifier: Apache-2.0

import Matching

/// What the files of an outbound run say, once it is known whose lines could not be written.
struct OutboundOutcome {
    /// What there was to say.
    let change: OutboundChange
    /// Whether the files list all members or tell what changed.
    let mode: Destination.Mode
    /// IDs whose lines could not be written.
    let unwritten: MemberSet
    /// Whether lines can say that somebody left.
    let saysRemovals: Bool

    /// What the destination is taken to have else from now on, by segment.
    ///
    /// Of IDs that can't be written nothing changes, but a full file takes away whom it does not list. Whoever left is
    /// not told again where lines can't say it.
    var changes: [SID: MemberChange] {
        Dictionary(
            uniqueKeysWithValues: change.items.map { item in
                if mode == .full {
                    return (item.mapping.segment, MemberChange(from: item.sent, to: told(item.wanted)))
                }
                let change = MemberChange(from: item.sent, to: item.wanted)
                return (
                    item.mapping.segment,
                    MemberChange(added: told(change.added), removed: told(change.removed))
                )
            }
        )
    }

    /// What a receipt says of the segments of which the receiver gets to have else.
    ///
    /// Where files were taken back that may have arrived, what they said is not counted as what it had.
    var segments: [Receipt.Segment] {
        change.items.compactMap { item in
            let (added, removed) = said(of: item)
            guard !added.isEmpty || !removed.isEmpty else { return nil }
            return Receipt.Segment(
                segment: item.mapping.segment,
                before: item.sent.count,
                after: item.sent.subtracting(removed).union(added).count,
                added: added.count,
                removed: removed.count
            )
        }
    }

    /// Who comes to the receiver by the lines, and who goes of those that it has; under another alias all do both.
    private func said(of item: OutboundChange.Item) -> (added: MemberSet, removed: MemberSet) {
        if mode == .full {
            let change = MemberChange(from: item.sent, to: told(item.wanted))
            return (change.added, change.removed)
        }
        return (
            told(item.coming),
            saysRemovals ? told(item.going.intersection(item.sent)) : .empty
        )
    }

    /// Those of whom lines could be written.
    private func told(_ members: MemberSet) -> MemberSet {
        unwritten.isEmpty ? members : members.subtracting(unwritten)
    }
}
