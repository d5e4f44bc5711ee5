// SPDX-License-Identifier: Apache-2.0

import Conditions

/// A segment rule made ready to be asked for all people at once, each at a position of bit arrays.
package struct SegmentProgram: Sendable {
    private let conditions: [SegmentCondition]
    /// The rule over positions in ``conditions``.
    private let expression: BooleanExpression<Int>

    /// Makes a rule ready.
    package init(_ rule: SegmentRule) {
        var conditions: [SegmentCondition] = []
        var positions: [SegmentCondition: Int] = [:]
        expression = rule.expression.map { condition in
            if let known = positions[condition] { return known }
            positions[condition] = conditions.count
            conditions.append(condition)
            return conditions.count - 1
        }
        self.conditions = conditions
    }

    /// The people for whom the rule holds.
    ///
    /// Agrees with ``SegmentRule/holds(for:on:)`` where presence has the bit of everybody with a realization.
    ///
    /// - Parameters:
    ///   - count: The number of positions.
    ///   - today: The day on which the rule is asked.
    ///   - presence: Who has a trait, asked for traits outside `recency` and `frequency`: a bit for every position, the
    ///     lowest of the first word being that of position 0; missing words are zero.
    ///   - realizations: Who realized a trait on which day how often, in any order, asked for traits of `recency` and
    ///     `frequency`.
    /// - Returns: A bit for every position, zero behind the last one.
    /// - Throws: What the closures throw.
    /// - Complexity: O(words × bit arrays), times the logarithm of the number of bit arrays for `frequency`.
    package func members<Failure: Error>(
        among count: Int,
        on today: Day,
        presence: (SID) throws(Failure) -> ContiguousArray<UInt64>,
        realizations: (SID) throws(Failure) -> [TraitRealizations]
    ) throws(Failure) -> ContiguousArray<UInt64> {
        var operands: [SegmentOperand] = []
        for condition in conditions {
            operands.append(
                try SegmentOperand(condition, on: today, presence: presence, realizations: realizations)
            )
        }
        let wordCount = (count + 63) / 64
        let blockSize = SegmentOperand.blockSize
        let scratchBlocks = expression.depth + (operands.map(\.scratchBlocks).max() ?? 0)
        return ContiguousArray(unsafeUninitializedCapacity: wordCount) { result, filled in
            filled = wordCount
            guard let result = result.baseAddress, wordCount > 0 else { return }
            let scratch = UnsafeMutablePointer<UInt64>.allocate(capacity: scratchBlocks * blockSize)
            defer { scratch.deallocate() }
            for start in stride(from: 0, to: wordCount, by: blockSize) {
                let words = start..<min(start + blockSize, wordCount)
                Self.evaluate(expression, operands, words, into: result + start, scratch)
            }
            if count % 64 > 0 { result[wordCount - 1] &= (1 << UInt64(count % 64)) - 1 }
        }
    }

    /// Evaluates an expression for a block of words, with as many blocks of scratch words as the expression is deep
    /// and its operands ask for.
    private static func evaluate(
        _ expression: BooleanExpression<Int>,
        _ operands: [SegmentOperand],
        _ words: Range<Int>,
        into result: UnsafeMutablePointer<UInt64>,
        _ scratch: UnsafeMutablePointer<UInt64>
    ) {
        switch expression {
        case .condition(let position):
            operands[position].fill(result, words: words, scratch: scratch)
        case .not(let inner):
            evaluate(inner, operands, words, into: result, scratch)
            for word in 0..<words.count { result[word] = ~result[word] }
        case .all(let parts):
            evaluate(parts[0], operands, words, into: result, scratch)
            for part in parts.dropFirst() {
                var somebody: UInt64 = 0
                for word in 0..<words.count { somebody |= result[word] }
                if somebody == 0 { return }
                evaluate(part, operands, words, into: scratch, scratch + SegmentOperand.blockSize)
                for word in 0..<words.count { result[word] &= scratch[word] }
            }
        case .any(let parts):
            evaluate(parts[0], operands, words, into: result, scratch)
            for part in parts.dropFirst() {
                evaluate(part, operands, words, into: scratch, scratch + SegmentOperand.blockSize)
                for word in 0..<words.count { result[word] |= scratch[word] }
            }
        }
    }
}
