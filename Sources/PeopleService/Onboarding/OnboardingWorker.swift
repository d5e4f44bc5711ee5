// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// Reads the lines of a block: grammar, form of the ID, its number, and the traits that its signals name.
///
/// One for each worker thread; only ``Task`` is shared.
final class OnboardingWorker {
    /// What all workers of a file need.
    struct Task: Sendable {
        let idSpelling: IDSpelling
        let keys: IDKeys
        let index: IDIndex
        let traits: TraitTable
        let hasIDTypeColumn: Bool
        /// Whether lines replace what the user had, so that removals say nothing.
        let isOverwrite: Bool
    }

    private let task: Task
    private var rules: TraitLine
    private var realized: [Int32] = []
    /// For each trait the line that named it last, doubled, one more for a removal.
    private var latestOperations: [UInt64]
    private var lineStamp: UInt64 = 0
    private var parsed = ParsedLines()
    private var keys: [IDKey] = []
    private var entries: [IDIndex.Entry] = []

    init(_ task: Task) {
        self.task = task
        latestOperations = Array(repeating: 0, count: task.traits.traits.count)
        rules = TraitLine(for: task.traits.matcher)
    }

    /// Reads a block.
    ///
    /// - Parameters:
    ///   - block: Whole lines.
    ///   - firstLine: The number of the first one in its file, from 1.
    /// - Returns: One entry for each line.
    func batch(_ block: LineBlock, firstLine: Int) -> OnboardingBatch {
        var batch = OnboardingBatch(block: block, firstLine: firstLine)
        let bytes = block.bytes
        let abandonedBefore = rules.abandonedMatches
        InboundLineParser.parse(bytes, hasIDTypeColumn: task.hasIDTypeColumn, into: &parsed)
        batch.lines.reserveCapacity(parsed.count)
        keys.removeAll(keepingCapacity: true)
        let noKey = task.keys.key(of: UnsafeRawBufferPointer(start: nil, count: 0))
        for line in parsed.lines {
            var reason = OnboardingReason(line.problem)
            let id = line.id.bytes(in: bytes)
            if reason == .none, !task.idSpelling.accepts(id) { reason = .wrongIDSpelling }
            let key = reason == .none ? task.keys.key(of: id) : noKey
            keys.append(key)
            var signals = OnboardingBatch.Signals()
            if reason == .none { signals = collect(SignalList(line.added.bytes(in: bytes)), &batch) }
            batch.lines.append(
                OnboardingBatch.Line(
                    span: line.line,
                    id: line.id,
                    key: key,
                    number: OnboardingBatch.noNumber,
                    reason: reason,
                    operationsEnd: batch.operations.count,
                    signals: signals
                )
            )
        }
        findNumbers(&batch)
        batch.abandonedRuleCount = rules.abandonedMatches - abandonedBefore
        if batch.abandonedRuleCount > 0 {
            let traits = task.traits
            batch.abandonedTraits = Set(
                rules.abandonedTraits.map { traits.traits[Int(traits.ruledPlaces[Int($0)])].sid }
            )
        }
        return batch
    }

    private func findNumbers(_ batch: inout OnboardingBatch) {
        entries.removeAll(keepingCapacity: true)
        entries.append(contentsOf: repeatElement(.none, count: keys.count))
        keys.withUnsafeBufferPointer { keys in
            entries.withUnsafeMutableBufferPointer { task.index.lookup(keys, into: $0) }
        }
        for place in batch.lines.indices where batch.lines[place].reason == .none && entries[place].isFound {
            batch.lines[place].number = task.index.latestNumber(of: entries[place])
        }
    }

    private func collect(_ signals: SignalList, _ batch: inout OnboardingBatch) -> OnboardingBatch.Signals {
        var found = OnboardingBatch.Signals()
        var hasRuled = false
        lineStamp &+= 1
        for signal in signals {
            found.all &+= 1
            switch signal {
            case .addTrait(let sid):
                guard let place = task.traits.place(of: sid) else {
                    found.failed &+= 1
                    continue
                }
                append(place, removes: false, to: &batch)
            case .removeTrait(let sid):
                guard !task.isOverwrite else { continue }
                guard let place = task.traits.place(of: sid) else {
                    found.failed &+= 1
                    continue
                }
                append(place, removes: true, to: &batch)
            case .integrationCode(let code):
                rules.take(integrationCode: code)
                hasRuled = true
            case .keyValue(let key, let value):
                rules.take(key: key, value: value)
                hasRuled = true
            case .problem:
                found.unused &+= 1
            }
        }
        if hasRuled {
            realized.removeAll(keepingCapacity: true)
            found.unused &+= UInt32(rules.finish(&realized))
            for position in realized {
                batch.operations.append(UInt32(task.traits.ruledPlaces[Int(position)]) &* 2)
            }
        }
        return found
    }

    /// Adds what a signal does to a trait, unless the line has just said the same of it.
    @inline(__always)
    private func append(_ place: Int32, removes: Bool, to batch: inout OnboardingBatch) {
        let operation = lineStamp &* 2 &+ (removes ? 1 : 0)
        guard latestOperations[Int(place)] != operation else { return }
        latestOperations[Int(place)] = operation
        batch.operations.append(UInt32(place) &* 2 &+ (removes ? 1 : 0))
    }
}
