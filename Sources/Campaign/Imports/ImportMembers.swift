// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// The members of a block while they are collected.
struct ImportMembers {
    private(set) var entries: [IDIndex.Entry] = []
    private(set) var lines: [UInt32] = []
    private(set) var addressSpans: [ByteSpan] = []
    private(set) var addresses: [UInt8] = []
    private(set) var runs: [ImportBatch.Run] = []

    init(capacity: Int) {
        entries.reserveCapacity(capacity)
        lines.reserveCapacity(capacity)
    }

    /// Adds a member.
    mutating func append(_ entry: IDIndex.Entry, _ changes: Range<UInt32>, line: UInt32) {
        let isSingle = entry.isFound && entry.number != nil
        if let last = runs.last, last.changes == changes, last.isOfSingles == isSingle {
            runs[runs.count - 1].members = last.members.lowerBound..<entries.count + 1
        } else {
            runs.append(
                ImportBatch.Run(
                    members: entries.count..<entries.count + 1,
                    changes: changes,
                    isOfSingles: isSingle
                )
            )
        }
        entries.append(entry)
        lines.append(line)
    }

    /// Keeps the address of the member that was added last; all members have one, or none has.
    mutating func appendAddress(_ text: UnsafeRawBufferPointer?) {
        let start = addresses.count
        if let text { addresses.append(contentsOf: text) }
        addressSpans.append(ByteSpan(start, addresses.count))
    }
}
