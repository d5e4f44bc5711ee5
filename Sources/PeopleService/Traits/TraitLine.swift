// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Finds the traits that the signals of one line, or of one call, realize; used again for line after line.
///
/// Belongs to one worker. Give it the signals of a line, then ask for the traits:
///
/// ```
/// for signal in SignalList(bytes) {
///     switch signal {
///     case .integrationCode(let code): line.take(integrationCode: code)
///     case .keyValue(let key, let value): line.take(key: key, value: value)
///     …
///     }
/// }
/// unused += line.finish(&traits)
/// ```
package struct TraitLine: ~Copyable {
    private struct Taken {
        let value: UnsafeRawBufferPointer
        let foldedStart: Int
        let foldedCount: Int
        /// The signal of the same key before, or -1.
        let previous: Int
    }

    private let matcher: TraitMatcher
    private let patterns = PatternMatching()

    /// The number of the line; marks with another number are of lines before.
    private var line: UInt32 = 1
    private var unused = 0
    private var realized: [Int32] = []
    private var suspected: [Int32] = []
    private var taken: [Taken] = []
    private var lastTaken: [Int]

    private var keyMarks: [UInt32]
    private var valueMarks: [UInt32]
    private var traitMarks: [UInt32]
    private var evaluationMarks: [UInt32]

    /// The folded values of the line, one behind the other, and room for the next one.
    private var folded: UnsafeMutablePointer<UInt8>
    private var capacity = 1024
    private var filled = 0

    /// Makes room for the lines of one worker.
    package init(for matcher: TraitMatcher) {
        self.matcher = matcher
        lastTaken = [Int](repeating: -1, count: matcher.keys.count)
        keyMarks = [UInt32](repeating: 0, count: matcher.keys.count)
        valueMarks = [UInt32](repeating: 0, count: matcher.values.count)
        traitMarks = [UInt32](repeating: 0, count: matcher.traits.count)
        evaluationMarks = [UInt32](repeating: 0, count: matcher.evaluated.count)
        folded = .allocate(capacity: capacity)
    }

    deinit {
        folded.deallocate()
    }

    /// How many values were given up by a regular expression at its limits, in all lines so far.
    package var abandonedMatches: Int { patterns.abandoned }

    /// The positions (see ``TraitMatcher/traits``) of the traits whose regular expressions gave up values, in all lines so far.
    package private(set) var abandonedTraits: Set<Int32> = []

    /// Takes an integration code.
    ///
    /// - Parameter code: Its bytes, which stay until ``finish(_:)``.
    package mutating func take(integrationCode code: UnsafeRawBufferPointer) {
        take(code, key: matcher.integrationCodeKey)
    }

    /// Takes a value under a key.
    ///
    /// - Parameters:
    ///   - key: The key in any case, without hyphens in front; `ic` is the key of integration codes.
    ///   - value: The value. The bytes of both stay until ``finish(_:)``.
    package mutating func take(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        reserve(key.count)
        let room = folded + filled
        let count = CaseFolding.fold(key, to: room)
        take(value, key: matcher.keys.find(UnsafeRawBufferPointer(start: room, count: count)))
    }

    /// Ends the line.
    ///
    /// - Parameter traits: Gets the positions (see ``TraitMatcher/traits``) of the traits that the line realizes
    ///   appended, each once.
    /// - Returns: The number of signals that no rule asks for: no rule compares their key with their value by `==`, or
    ///   with anything by another operator.
    package mutating func finish(_ traits: inout [Int32]) -> Int {
        for position in suspected {
            let rule = matcher.evaluated[Int(position)]
            let abandonedBefore = patterns.abandoned
            if holds(rule.expression) { realize(rule.trait) }
            if patterns.abandoned > abandonedBefore { abandonedTraits.insert(rule.trait) }
        }
        traits.append(contentsOf: realized)
        defer { startLine() }
        return unused
    }

    private mutating func take(_ value: UnsafeRawBufferPointer, key number: Int32) {
        guard number >= 0 else {
            unused += 1
            return
        }
        let key = Int(number)
        reserve(value.count)
        let count = CaseFolding.fold(value, to: folded + filled)
        var isAskedFor = false
        if matcher.hasValues[key] {
            let found = matcher.values.find(
                UnsafeRawBufferPointer(start: folded + filled, count: count),
                group: number
            )
            if found >= 0 {
                isAskedFor = true
                follow(Int(found))
            }
        }
        if matcher.isTested[key] {
            isAskedFor = true
            keep(value, key: key, foldedCount: count)
        }
        if !isAskedFor { unused += 1 }
    }

    private mutating func follow(_ value: Int) {
        guard valueMarks[value] != line else { return }
        valueMarks[value] = line
        for lead in matcher.leads[value] {
            switch lead {
            case .trait(let trait): realize(trait)
            case .evaluation(let position): suspect(position)
            }
        }
    }

    /// Keeps a value for the rules that test its key.
    private mutating func keep(_ value: UnsafeRawBufferPointer, key: Int, foldedCount: Int) {
        let isFirst = keyMarks[key] != line
        taken.append(
            Taken(
                value: value,
                foldedStart: filled,
                foldedCount: foldedCount,
                previous: isFirst ? -1 : lastTaken[key]
            )
        )
        lastTaken[key] = taken.count - 1
        filled += foldedCount
        guard isFirst else { return }
        keyMarks[key] = line
        for position in matcher.testers[key] { suspect(position) }
    }

    private mutating func realize(_ trait: Int32) {
        guard traitMarks[Int(trait)] != line else { return }
        traitMarks[Int(trait)] = line
        realized.append(trait)
    }

    private mutating func suspect(_ position: Int32) {
        guard evaluationMarks[Int(position)] != line else { return }
        evaluationMarks[Int(position)] = line
        suspected.append(position)
    }

    private func holds(_ expression: BooleanExpression<TraitMatcher.Condition>) -> Bool {
        switch expression {
        case .condition(.value(let value)): valueMarks[Int(value)] == line
        case .condition(.test(let key, let test)): holds(test, key: Int(key))
        case .not(let inner): !holds(inner)
        case .all(let parts): parts.allSatisfy { holds($0) }
        case .any(let parts): parts.contains { holds($0) }
        }
    }

    private func holds(_ test: TraitTest, key: Int) -> Bool {
        guard keyMarks[key] == line else { return false }
        var position = lastTaken[key]
        while position >= 0 {
            let signal = taken[position]
            let bytes = UnsafeRawBufferPointer(start: folded + signal.foldedStart, count: signal.foldedCount)
            if test.passes(signal.value, folded: bytes, patterns) != test.asksAllValues {
                return !test.asksAllValues
            }
            position = signal.previous
        }
        return test.asksAllValues
    }

    /// Makes room for some more bytes once they are folded.
    private mutating func reserve(_ count: Int) {
        let needed = filled + CaseFolding.growth * count
        guard needed > capacity else { return }
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * needed)
        larger.update(from: folded, count: filled)
        folded.deallocate()
        folded = larger
        capacity = 2 * needed
    }

    private mutating func startLine() {
        unused = 0
        filled = 0
        realized.removeAll(keepingCapacity: true)
        suspected.removeAll(keepingCapacity: true)
        taken.removeAll(keepingCapacity: true)
        line &+= 1
        guard line == 0 else { return }
        for index in keyMarks.indices { keyMarks[index] = 0 }
        for index in valueMarks.indices { valueMarks[index] = 0 }
        for index in traitMarks.indices { traitMarks[index] = 0 }
        for index in evaluationMarks.indices { evaluationMarks[index] = 0 }
        line = 1
    }
}
