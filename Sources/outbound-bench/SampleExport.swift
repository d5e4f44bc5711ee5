// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Matching
import Synchronization

/// A full export of sample members in the standard form.
struct SampleExport {
    private static let linesPerBatch = 16_384

    private let members: SampleMembers
    private let folder: String
    private let values: OutboundValues
    private let template: OutboundTemplate
    private let segments: [OutboundSegment]

    /// The export of all members.
    init(_ members: SampleMembers, key: OutboundValues.Key, folder: String) throws {
        self.members = members
        self.folder = folder
        values = OutboundValues(
            syncType: .s3,
            mode: .full,
            destination: 1234,
            keyDataSource: 20914,
            key: key,
            timestamp: 1_486_140_844_000
        )
        template = .standard(key: key, hasAlias: false)
        segments = (0..<200).map { OutboundSegment(alias: String(10_603_117 + $0), number: 10_603_117 + $0) }
    }

    /// Renders all lines on this thread and returns their size.
    func render(template content: String?) throws -> Int {
        let template = try content.map { try OutboundTemplate(fileName: "x", content: $0) } ?? template
        let renderer = try LineRenderer(template, values: values, segments: segments)
        let lines = RenderedLines()
        var byteCount = 0
        for batch in batches {
            lines.removeAll()
            Self.render(batch, of: members, renderer, into: lines)
            byteCount += lines.bytes.count
        }
        return byteCount
    }

    /// Writes all files, returns the size of the data and removes them; without workers, all on this thread.
    func write(workerCount: Int, isGzip: Bool) throws -> Int {
        let renderer = try LineRenderer(template, values: values, segments: segments)
        let names = try template.fileNames(values, isGzip: isGzip)
        let writer = OutboundFileWriter(folder: folder, names: names)
        if workerCount == 0 {
            let lines = RenderedLines()
            for batch in batches {
                lines.removeAll()
                Self.render(batch, of: members, renderer, into: lines)
                try writer.append(lines)
            }
        } else {
            try render(renderer, workerCount: workerCount, into: writer)
        }
        guard let set = try writer.finish() else { return 0 }
        for file in set.parts + [set.controlFile].compactMap({ $0 }) {
            try FileManager.default.removeItem(atPath: file.path)
        }
        return set.parts.reduce(0) { $0 + $1.digest.byteCount }
    }

    private func render(
        _ renderer: LineRenderer,
        workerCount: Int,
        into writer: OutboundFileWriter
    ) throws {
        let members = members
        let free = Mutex<[RenderedLines]>([])
        var rest = batches.makeIterator()
        try OrderedBatches.run(
            width: workerCount,
            produce: { rest.next() },
            makeWorkspace: {},
            work: { _, batch in
                let lines = free.withLock { $0.popLast() } ?? RenderedLines()
                Self.render(batch, of: members, renderer, into: lines)
                return lines
            },
            finish: { lines in
                try writer.append(lines)
                lines.removeAll()
                free.withLock { $0.append(lines) }
            }
        )
    }

    private var batches: [Range<Int>] {
        stride(from: 0, to: members.count, by: Self.linesPerBatch).map { start in
            start..<min(start + Self.linesPerBatch, members.count)
        }
    }

    private static func render(
        _ batch: Range<Int>,
        of members: SampleMembers,
        _ renderer: LineRenderer,
        into lines: RenderedLines
    ) {
        members.ids.withUnsafeBytes { ids in
            members.segments.withUnsafeBufferPointer { segments in
                for member in batch {
                    let first = member * 2
                    let count = segments[first + 1] == segments[first] ? 1 : 2
                    let start = member * members.idByteCount
                    let line = OutboundLine(
                        id: UnsafeRawBufferPointer(rebasing: ids[start..<(start + members.idByteCount)]),
                        added: UnsafeBufferPointer(rebasing: segments[first..<(first + count)])
                    )
                    precondition(renderer.append(line, to: lines) == .none, "every member has a line")
                }
            }
        }
    }
}
