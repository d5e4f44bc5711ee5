// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// How the lines of a file are written.
enum LineForm: Sendable {
    /// `ID SEG,SEG[ REMOVED,…]`, as the hub writes them.
    case outbound
    /// `ID<tab>d_sid=…`, as Campaign writes them for the hub.
    case inbound
}

/// The lines of one block, parsed and reconciled on any thread.
///
/// Lines that reconcile are listed, since what they come to depends on the lines before them. All others have
/// their state already: they are counted, and kept as records for the file of rejected lines.
// Sendable although it refers to the block's memory: it is filled by one worker and then only read.
final class ImportBatch: @unchecked Sendable {
    /// A line whose ID stands for profiles or an address.
    struct Member {
        /// The place in the index; `IDIndex.Entry.none` for an address without a profile.
        let entry: IDIndex.Entry
        /// What the line asks for.
        let changes: Range<UInt32>
        /// The decrypted address, where one is kept.
        var address: ByteSpan
        /// The position of the line in the block.
        let line: UInt32
    }

    let block: LineBlock
    /// The number of the first line in its file.
    let firstLine: Int
    let lineCount: Int
    let members: [Member]
    let changes: [MembershipChange]
    let addresses: [UInt8]
    /// Where each line stands in the block; the order is that of the file.
    let spans: [ByteSpan]
    /// The states of the other lines.
    let tally: LineTally
    /// The records of the rejected ones among them.
    let rejected: [UInt8]
    /// The IDs of unknown lines, where a preview asks for them.
    let unknownIDs: [ByteSpan]

    init(
        block: LineBlock, firstLine: Int, members: [Member], changes: [MembershipChange], addresses: [UInt8],
        spans: [ByteSpan], tally: LineTally, rejected: [UInt8], unknownIDs: [ByteSpan]
    ) {
        self.block = block
        self.firstLine = firstLine
        lineCount = spans.count
        self.members = members
        self.changes = changes
        self.addresses = addresses
        self.spans = spans
        self.tally = tally
        self.rejected = rejected
        self.unknownIDs = unknownIDs
    }

    /// Gives the bytes of an address that the batch keeps.
    func withAddress(_ span: ByteSpan, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try addresses.withUnsafeBytes { try body(span.bytes(in: $0)) }
    }
}

/// How many lines ended in each state for each reason.
struct LineTally: Sendable {
    private var counts = [Int](repeating: 0, count: LineState.allCases.count * LineReason.allCases.count)

    /// Counts lines.
    @inline(__always)
    mutating func add(_ state: LineState, _ reason: LineReason, _ lines: Int = 1) {
        counts[Self.place(state, reason)] &+= lines
    }

    /// Adds what another tally counted.
    mutating func add(_ other: LineTally) {
        for place in counts.indices { counts[place] &+= other.counts[place] }
    }

    /// How many lines ended in a state for a reason.
    subscript(state: LineState, reason: LineReason) -> Int { counts[Self.place(state, reason)] }

    @inline(__always)
    private static func place(_ state: LineState, _ reason: LineReason) -> Int {
        state.position &* LineReason.allCases.count &+ Int(reason.rawValue)
    }
}
