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
        let address: ByteSpan
        /// The position of the line in the block.
        let line: UInt32
    }

    /// Members one after the other that ask for the same.
    struct Run {
        /// The positions of the members.
        var members: Range<Int>
        /// What they ask for.
        let changes: Range<UInt32>
        /// Whether each of them stands for exactly one profile.
        let isOfSingles: Bool
    }

    let block: LineBlock
    /// The number of the first line in its file.
    let firstLine: Int
    let lineCount: Int
    /// The members' places in the index.
    let entries: [IDIndex.Entry]
    /// The positions of the members' lines in the block.
    let lines: [UInt32]
    /// The members' addresses; empty where none are kept.
    let addressSpans: [ByteSpan]
    /// The members in runs, in order.
    let runs: [Run]
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
    /// How many of some lines that ask for nothing have an ID in the form of the data source.
    let readableSample: Int

    init(
        block: LineBlock,
        firstLine: Int,
        members: ImportMembers,
        changes: [MembershipChange],
        spans: [ByteSpan],
        tally: LineTally,
        rejected: [UInt8],
        unknownIDs: [ByteSpan],
        readableSample: Int
    ) {
        self.block = block
        self.firstLine = firstLine
        lineCount = spans.count
        entries = members.entries
        lines = members.lines
        addressSpans = members.addressSpans
        runs = members.runs
        addresses = members.addresses
        self.changes = changes
        self.spans = spans
        self.tally = tally
        self.rejected = rejected
        self.unknownIDs = unknownIDs
        self.readableSample = readableSample
    }

    /// A member of a run.
    func member(_ position: Int, _ run: Run) -> Member {
        Member(
            entry: entries[position],
            changes: run.changes,
            address: addressSpans.isEmpty ? ByteSpan(0, 0) : addressSpans[position],
            line: lines[position]
        )
    }

    /// Gives the bytes of an address that the batch keeps.
    func withAddress(_ span: ByteSpan, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try addresses.withUnsafeBytes { try body(span.bytes(in: $0)) }
    }
}
