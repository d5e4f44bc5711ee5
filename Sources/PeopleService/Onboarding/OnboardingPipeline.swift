// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Matching
import Terminal

/// Reads one inbound file: its lines are taken apart on all cores and accounted for in order.
struct OnboardingPipeline {
    private enum Piece: Sendable {
        case lines(LineBlock, firstLine: Int)
        case overlong(LineBlock, line: Int, isFirst: Bool, isLast: Bool)
    }

    private enum Outcome {
        case batch(OnboardingBatch)
        case overlong(LineBlock, line: Int, isFirst: Bool, isLast: Bool)
    }

    private let reader: LineBlockReader
    private let task: OnboardingWorker.Task
    private let progress: Terminal.Progress

    /// Prepares to read a file.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - task: What all workers need.
    init(_ source: OnboardingRun.Source, _ task: OnboardingWorker.Task) {
        reader = LineBlockReader(source: source.bytes, isGzip: source.isNamedGzip)
        self.task = task
        progress = Progress("onboarding \(source.name)")
    }

    /// Reads the file to its end.
    ///
    /// - Parameter accountant: Accounts for every line.
    /// - Returns: Size and checksums of the raw bytes.
    /// - Throws: ``AudienceFileError`` or what accounting throws.
    func run(into accountant: OnboardingAccountant) throws -> FileDigest.Value {
        var isWithinOverlong = false
        var line = 1
        let task = task
        defer { progress.finish() }
        try OrderedBatches.run(
            width: max(1, ProcessInfo.processInfo.activeProcessorCount),
            produce: {
                switch try reader.next() {
                case .lines(let block):
                    defer { line += block.newlineCount }
                    return Piece.lines(block, firstLine: line)
                case .overlong(let block, let isLast):
                    defer { isWithinOverlong = !isLast }
                    if !isWithinOverlong { line += 1 }
                    return Piece.overlong(block, line: line - 1, isFirst: !isWithinOverlong, isLast: isLast)
                case nil: return nil
                }
            },
            makeWorkspace: { OnboardingWorker(task) },
            work: { worker, piece in
                switch piece {
                case .lines(let block, let firstLine):
                    return Outcome.batch(worker.batch(block, firstLine: firstLine))
                case .overlong(let block, let line, let isFirst, let isLast):
                    return Outcome.overlong(block, line: line, isFirst: isFirst, isLast: isLast)
                }
            },
            finish: { outcome in
                let block: LineBlock
                switch outcome {
                case .batch(let batch):
                    block = batch.block
                    try accountant.take(batch)
                case .overlong(let fragment, let line, let isFirst, let isLast):
                    block = fragment
                    try accountant.take(
                        overlong: fragment.bytes,
                        line: line,
                        isFirst: isFirst,
                        isLast: isLast
                    )
                }
                reader.recycle(block)
                progress.show(accountant.tally.received, "lines")
            }
        )
        guard let digest = reader.digest else { throw AudienceFileError.empty }
        return digest
    }
}
