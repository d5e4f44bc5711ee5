// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import GRDB
import Matching
import Problems
import Terminal

/// Writes the lines of an outbound run: one for each ID that comes, goes or, in a full file, is there.
///
/// IDs are visited by number, 65,536 at a time or fewer, so memory does not grow with the segments.
struct OutboundLines {
    private let entries: [OutboundChange.Entry]
    private let renderer: LineRenderer
    private let details: OutboundDetails?
    private let batchSize: Int

    /// Prepares to write.
    ///
    /// - Parameters:
    ///   - entries: Who comes and goes.
    ///   - renderer: Writes lines; its segments are those of the entries, in that order.
    ///   - details: What the template asks for besides IDs and segments, if it does.
    init(
        _ entries: [OutboundChange.Entry],
        _ renderer: LineRenderer,
        _ details: OutboundDetails?
    ) {
        self.details = details
        batchSize = details == nil ? 1 << 16 : OutboundDetails.batchSize
        self.entries = entries
        self.renderer = renderer
    }

    /// Writes all lines.
    ///
    /// - Parameters:
    ///   - writer: Takes them.
    ///   - rejects: Takes those that can't be written.
    ///   - database: The database.
    /// - Returns: How many there are.
    /// - Throws: `AudienceFileError`, or what the database answers.
    func write(to writer: OutboundFileWriter, _ rejects: OutboundRejects, in database: Database) throws
        -> OutboundTally
    {
        let added = entries.map(\.added)
        let removed = entries.map(\.removed)
        var tally = OutboundTally()
        let lines = RenderedLines()
        var visited = 0
        var start = IDNumber(0)
        let everybody = MemberSet.union(of: added + removed)
        let count = everybody.count
        let progress = Progress("writing lines")
        defer { progress.finish() }
        while let first = everybody.first(from: start) {
            start = first - first % IDNumber(batchSize)
            let range = MemberSet(start..<start + IDNumber(batchSize))
            let batch = Batch(added, removed, range, start)
            let people = everybody.intersection(range)
            try details?.load(people, in: database)
            try IDStore().forEach(of: people, in: database) { number, _, text in
                visited += 1
                var problem = LineProblem.none
                batch.withSegments(of: Int(number - start)) { added, removed in
                    let line = OutboundLine(
                        id: text,
                        added: added,
                        removed: removed,
                        person: Int(number)
                    )
                    problem = append(line, to: lines)
                    guard problem == .none else { return }
                    tally.lines += 1
                    tally.added += added.count
                    tally.removed += renderer.saysRemovals ? removed.count : 0
                }
                if let reason = OutboundReason(problem) {
                    try rejects.append(number, text, line: visited, reason)
                }
                if lines.bytes.count > 1 << 20 {
                    try writer.append(lines)
                    lines.removeAll()
                }
            }
            start += IDNumber(batchSize)
            progress.show(visited, of: count, "IDs")
        }
        if lines.count > 0 { try writer.append(lines) }
        rejects.count(in: &tally)
        return tally
    }

    private func append(_ line: OutboundLine, to lines: RenderedLines) -> LineProblem {
        guard let details else { return renderer.append(line, to: lines) }
        let problem = details.withTimes(of: line) { renderer.append($0, details: details, to: lines) }
        guard problem != .none, line.added.isEmpty else { return problem }
        // Whoever leaves is named, whatever there is no room for beside that.
        return details.withKeyAlone { renderer.append(line, details: details, to: lines) }
    }

    /// For each ID of a range the segments that it comes to and leaves.
    private final class Batch {
        private let added: Lists
        private let removed: Lists

        init(_ added: [MemberSet], _ removed: [MemberSet], _ range: MemberSet, _ start: IDNumber) {
            self.added = Lists(added, range, start)
            self.removed = Lists(removed, range, start)
        }

        func withSegments(
            of place: Int,
            _ body: (UnsafeBufferPointer<UInt32>, UnsafeBufferPointer<UInt32>) -> Void
        ) {
            added.withList(of: place) { added in removed.withList(of: place) { body(added, $0) } }
        }
    }

    /// Lists of segments, one for each ID of a range, in one array.
    private final class Lists {
        private var ends: [UInt32]
        private var segments: [UInt32]

        init(_ sets: [MemberSet], _ range: MemberSet, _ start: IDNumber) {
            let count = range.count
            let parts = sets.map { $0.intersection(range).numbers() }
            var counts = [UInt32](repeating: 0, count: count + 1)
            for numbers in parts { for number in numbers { counts[Int(number - start) + 1] += 1 } }
            for place in 1..<counts.count { counts[place] += counts[place - 1] }
            segments = Array(repeating: 0, count: Int(counts.last ?? 0))
            var next = counts
            for (segment, numbers) in parts.enumerated() {
                for number in numbers {
                    let place = Int(number - start)
                    segments[Int(next[place])] = UInt32(segment)
                    next[place] += 1
                }
            }
            ends = counts
        }

        func withList(of place: Int, _ body: (UnsafeBufferPointer<UInt32>) -> Void) {
            segments.withUnsafeBufferPointer { all in
                body(UnsafeBufferPointer(rebasing: all[Int(ends[place])..<Int(ends[place + 1])]))
            }
        }
    }
}
