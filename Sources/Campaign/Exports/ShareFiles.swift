// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Matching
import Problems
import Storage
import Terminal

/// The merging of an audience's IDs with those shared before, and the lines that tell the other side the difference.
struct ShareFiles {
    /// Lines on their way from the merge to the file.
    private final class Lines {
        static let byteCount = 256 << 10

        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        var used = 0
        var count = 0

        deinit { bytes.deallocate() }

        var isFull: Bool { bytes.count - used < SortedList.longestByteCount + 64 }

        @inline(__always)
        func append(_ id: UnsafeRawBufferPointer, _ ending: [UInt8]) {
            UnsafeMutableRawBufferPointer(rebasing: bytes[used..<(used &+ id.count)]).copyMemory(from: id)
            used &+= id.count
            ending.withUnsafeBytes { ending in
                UnsafeMutableRawBufferPointer(rebasing: bytes[used..<(used &+ ending.count)]).copyMemory(
                    from: ending
                )
            }
            used &+= ending.count
            count &+= 1
        }
    }

    private let merge: SortedListMerge
    private let adding: [UInt8]
    private let removing: [UInt8]

    /// Prepares the merge.
    ///
    /// - Parameters:
    ///   - ids: The members' IDs.
    ///   - older: What was shared before.
    ///   - share: Which segment, and whether IDs are removed.
    ///   - newer: Where the list of what is shared then goes; none to only count.
    init(_ ids: CollectedIDs, older: SortedListReader?, share: Share, into newer: SortedListWriter?) {
        merge = SortedListMerge(
            older: older,
            operations: ids.next,
            mode: share.isReplacing ? .replacement : .change,
            into: newer
        )
        adding = Array("\td_sid=\(share.segment)\n".utf8)
        removing = Array("\td_unsid=\(share.segment)\n".utf8)
    }

    /// Counts what would change.
    ///
    /// - Returns: How many IDs are added, removed and kept.
    func count() throws -> ShareChange {
        while try merge.next() != nil {}
        return change
    }

    /// Writes the lines, sorted by ID, while the merge goes on.
    ///
    /// - Parameter writer: The file; the caller finishes it.
    /// - Returns: How many IDs are added, removed and kept.
    /// - Throws: What the lists or the disk answer, or `CancellationError`.
    func write(to writer: InboundFileWriter) throws -> ShareChange {
        let progress = Progress("writing lines")
        defer { progress.finish() }
        try OrderedBatches.run(
            width: 1,
            isCancelled: { Task.isCancelled },
            produce: { try nextLines() },
            makeWorkspace: {},
            work: { $1 },
            finish: { (lines: Lines) in
                let bytes = UnsafeRawBufferPointer(rebasing: lines.bytes[..<lines.used])
                try writer.append(lines: bytes, count: lines.count)
                progress.show(writer.lineCount, "lines")
            }
        )
        return change
    }

    private var change: ShareChange {
        ShareChange(added: merge.addedCount, removed: merge.removedCount, kept: merge.keptCount)
    }

    private func nextLines() throws -> Lines? {
        let lines = Lines()
        while !lines.isFull, let step = try merge.next() {
            switch step.change {
            case .added: lines.append(step.bytes, adding)
            case .removed: lines.append(step.bytes, removing)
            case .kept: continue
            }
        }
        return lines.count == 0 ? nil : lines
    }
}
