// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage

/// The IDs of an audience's members in a data source, and the members that have none.
struct CollectedIDs {
    /// Gives the distinct IDs, ascending, one by one.
    let next: () throws(SortedListError) -> SortedOperation?

    /// How many members there are.
    let members: Int

    /// Members that opted out of sharing.
    let suppressed: MemberSet

    /// Members without a visitor ID, or whose key is empty.
    let unknown: MemberSet

    /// Members whose key has a value that no ID can stand for.
    let malformed: MemberSet

    /// How many members are no profile any more.
    let vanished: Int

    /// How many members gave an ID that no member before gave, known once all IDs were taken.
    let matched: () -> Int

    /// How many members ended in each state, known once all IDs were taken.
    var counts: LineCounts {
        var counts = LineCounts()
        let matched = matched()
        counts[.suppressed] = suppressed.count
        counts[.unknown] = unknown.count + vanished
        counts[.malformed] = malformed.count
        counts[.matched] = matched
        counts[.duplicate] = members - suppressed.count - unknown.count - vanished - malformed.count - matched
        return counts
    }

    /// How many members ended without an ID, by reason.
    ///
    /// - Parameter isVisitor: Whether the IDs are visitor IDs.
    /// - Returns: The reasons that occurred.
    func reasons(isVisitor: Bool) -> [Receipt.Reason] {
        let reasons = [
            (LineState.suppressed, UnmappedReason.optedOut.rawValue, suppressed.count),
            (.unknown, (isVisitor ? UnmappedReason.noVisitorID : .keyEmpty).rawValue, unknown.count),
            (.unknown, UnmappedReason.vanished.rawValue, vanished),
            (.malformed, UnmappedReason.keyUnusable.rawValue, malformed.count),
        ]
        return reasons.filter { $0.2 > 0 }.map {
            Receipt.Reason(state: $0.0.rawValue, reason: $0.1, lines: $0.2)
        }
    }
}

/// Why a member has no ID in a data source.
enum UnmappedReason: String {
    /// No browser or device is linked with the profile.
    case noVisitorID = "no-visitor-id"
    /// The reconciliation key has no value.
    case keyEmpty = "key-empty"
    /// The reconciliation key has a value that no ID can stand for.
    case keyUnusable = "key-unusable"
    /// The person forbade the sale of personal data.
    case optedOut = "opted-out-of-sharing"
    /// The member is no profile any more.
    case vanished = "no-profile"
}
