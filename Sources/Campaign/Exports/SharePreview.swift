// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

/// What sharing an audience would change.
package struct SharePreview: Report {
    /// Always true: nothing was changed.
    package let dryRun = true
    /// The segment's number; `nil` where the hub will give it.
    package let segment: Int64?
    /// Whether the segment would be made: at the hub, if it has no number here.
    package let isNewSegment: Bool
    /// How many IDs would be added.
    package let added: Int
    /// How many IDs would be removed.
    package let removed: Int
    /// How many IDs would stay as they are.
    package let kept: Int
    /// How many members have no ID, by reason.
    package let unmapped: [String: Int]

    init(_ change: ShareChange, _ unmapped: [Receipt.Reason], segment: Int64?, isNew: Bool) {
        self.segment = segment
        isNewSegment = isNew
        added = change.added
        removed = change.removed
        kept = change.kept
        self.unmapped = Dictionary(unmapped.map { ($0.reason, $0.lines) }, uniquingKeysWith: +)
    }

    package var text: String {
        let target =
            switch (segment, isNewSegment) {
            case (nil, _): "The segment would be made at the hub, which gives its number."
            case (let number?, true): "The segment would be made here with the number \(number)."
            case (let number?, false): "The segment is \(number)."
            }
        let change = "+\(added.grouped) −\(removed.grouped) =\(kept.grouped) IDs"
        let lines = unmapped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "  \($0.value.grouped) without an ID: \($0.key)" }
        return ([target, "\(change); nothing was changed"] + lines).joined(separator: "\n")
    }
}
