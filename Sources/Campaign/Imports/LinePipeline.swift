// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// Reads one file, parses and reconciles its lines on all cores, and accounts for them in order.
struct LinePipeline {
    private enum Piece: Sendable {
        case lines(LineBlock, firstLine: Int)
        case overlong(LineBlock, isFirst: Bool, isLast: Bool)
    }

    private enum Outcome {
        case batch(ImportBatch)
        case overlong(LineBlock, isFirst: Bool, isLast: Bool)
    }

    private let reader: LineBlockReader
    private let form: LineForm
    private let targets: ImportTargets
    private let reconciler: Reconciler

    /// Prepares to read a file.
    ///
    /// - Parameters:
    ///   - source: The raw bytes.
    ///   - form: How the lines are written.
    ///   - targets: The audiences that lines may ask for.
    ///   - reconciler: Finds the profiles or addresses behind IDs.
    ///   - wantsMD5: Whether a control file asks for the MD5.
    init(
        _ source: any ByteSource,
        form: LineForm,
        targets: ImportTargets,
        reconciler: Reconciler,
        wantsMD5: Bool = false
    ) {
        reader = LineBlockReader(source: source, wantsMD5: wantsMD5)
        self.form = form
        self.targets = targets
        self.reconciler = reconciler
    }

    /// Reads the file to its end.
    ///
    /// - Parameters:
    ///   - accountant: Accounts for every line.
    ///   - progress: Is told how many bytes of text were read.
    /// - Returns: Size and checksums of the raw bytes.
    /// - Throws: ``AudienceFileError`` or what accounting throws.
    func run(into accountant: LineAccountant, progress: (Int) -> Void) throws -> FileDigest.Value {
        var isWithinOverlong = false
        var line = 1
        let file = accountant.fileNumber
        let task = ImportWorker.Task(
            form: form,
            targets: targets,
            reconciler: reconciler,
            keepsRejected: accountant.keepsRejected,
            keepsUnknown: accountant.observeUnknown != nil
        )
        try OrderedBatches.run(
            width: Processors.count,
            produce: {
                switch try reader.next() {
                case .lines(let block):
                    defer { line += block.newlineCount }
                    return Piece.lines(block, firstLine: line)
                case .overlong(let block, let isLast):
                    defer { isWithinOverlong = !isLast }
                    if !isWithinOverlong { line += 1 }
                    return Piece.overlong(block, isFirst: !isWithinOverlong, isLast: isLast)
                case nil: return nil
                }
            },
            makeWorkspace: { try ImportWorker(task) },
            work: { worker, piece in
                switch piece {
                case .lines(let block, let firstLine):
                    return Outcome.batch(try worker.batch(block, file: file, firstLine: firstLine))
                case .overlong(let block, let isFirst, let isLast):
                    return Outcome.overlong(block, isFirst: isFirst, isLast: isLast)
                }
            },
            finish: { outcome in
                let block: LineBlock
                switch outcome {
                case .batch(let batch):
                    block = batch.block
                    try accountant.take(batch)
                case .overlong(let fragment, let isFirst, let isLast):
                    block = fragment
                    try accountant.take(overlong: fragment.bytes, isFirst: isFirst, isLast: isLast)
                }
                progress(block.byteOffset + block.bytes.count)
                reader.recycle(block)
            }
        )
        guard let digest = reader.digest else { throw AudienceFileError.empty }
        return digest
    }
}

extension Reconciler {
    /// The reconciler of a data source, for the audiences that follow it.
    static func of(
        _ source: SharedDataSource,
        index: IDIndex,
        keepsAddresses: Bool,
        _ campaign: Campaign
    ) throws -> Reconciler {
        // Addresses are looked up as well, so that people who opted out of sharing stay out of address lists too.
        Reconciler(
            rule: source.rule,
            index: index,
            secret: try campaign.keySecret(),
            mode: keepsAddresses ? .both : .profiles
        )
    }
}
