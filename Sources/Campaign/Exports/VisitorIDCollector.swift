// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage
import Terminal

/// Collects all visitor IDs of an audience's members.
///
/// Sorted are pairs of stored visitor ID and profile number, so that of the members who share a browser or device
/// the first one counts as the giver of its visitor ID.
struct VisitorIDCollector {
    private static let rowsPerReport = 100_000

    let campaign: Campaign

    /// Collects the visitor IDs of members.
    ///
    /// - Parameters:
    ///   - members: All members.
    ///   - suppressed: Those who opted out of sharing.
    ///   - database: The database, in one read transaction.
    /// - Returns: The IDs, and the members that have none.
    /// - Throws: What the database or the disk answers, or `CancellationError`.
    func collect(_ members: MemberSet, suppressed: MemberSet, in database: Database) throws -> CollectedIDs {
        let candidates = members.subtracting(suppressed)
        let scan = try ProfileScan(
            "visitor",
            from: ("visitor_links", "profile"),
            of: candidates,
            in: database
        )
        let builder = SortedListBuilder(directory: campaign.directory.spool)
        let linked = MemberSetBuilder()
        let progress = Progress("collecting visitor IDs")
        defer { progress.finish() }
        var last: ProfileNumber?
        try withUnsafeTemporaryAllocation(byteCount: 20, alignment: 8) { pair in
            while let number = try scan.next() {
                let visitor = scan.bytes(1)
                guard visitor.count == 16 else { continue }
                if number != last {
                    linked.insert(number)
                    last = number
                }
                pair.copyMemory(from: visitor)
                pair.storeBytes(of: number.bigEndian, toByteOffset: 16, as: UInt32.self)
                try builder.append(UnsafeRawBufferPointer(pair))
                if builder.appendCount.isMultiple(of: Self.rowsPerReport) {
                    try Task.checkCancellation()
                    progress.show(builder.appendCount, "visitor IDs")
                }
            }
        }
        let visitors = DistinctVisitors(try builder.finish())
        return CollectedIDs(
            next: visitors.next,
            members: members.count,
            suppressed: suppressed,
            unknown: candidates.subtracting(linked.added),
            malformed: .empty,
            vanished: 0,
            matched: { visitors.givers.count }
        )
    }
}

/// Visitor IDs as digits, ascending and distinct, out of sorted pairs of visitor ID and profile number.
private final class DistinctVisitors {
    private let pairs: SortedOperations
    private let firstGivers = MemberSetBuilder()
    private let last: UnsafeMutableRawBufferPointer
    private let digits: UnsafeMutableRawBufferPointer
    private var text: [UInt8] = []
    private var hasBegun = false

    init(_ pairs: SortedOperations) {
        self.pairs = pairs
        last = .allocate(byteCount: 16, alignment: 8)
        digits = .allocate(byteCount: VisitorID.digitCount, alignment: 8)
    }

    deinit {
        last.deallocate()
        digits.deallocate()
    }

    /// The profiles that gave a visitor ID that no profile before gave.
    var givers: MemberSet { firstGivers.added }

    func next() throws(SortedListError) -> SortedOperation? {
        while let pair = try pairs.next()?.bytes {
            let visitor = UnsafeRawBufferPointer(rebasing: pair[..<16])
            if hasBegun, visitor.elementsEqual(last) { continue }
            hasBegun = true
            last.copyMemory(from: visitor)
            firstGivers.insert(UInt32(bigEndian: pair.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
            text.removeAll(keepingCapacity: true)
            VisitorID(stored: visitor).appendDigits(to: &text)
            digits.copyBytes(from: text)
            return SortedOperation(bytes: UnsafeRawBufferPointer(digits))
        }
        return nil
    }
}
