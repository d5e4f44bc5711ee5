// SPDX-License-Identifier: Apache-2.0

import PeopleService

/// The realizations of many people as bit arrays.
struct SegmentBits {
    private(set) var presence: [SID: ContiguousArray<UInt64>] = [:]
    private var levels: [SID: [Day: [ContiguousArray<UInt64>]]] = [:]

    init(of people: [[SID: [Day: Int]]]) {
        let words = (people.count + 63) / 64
        let none = ContiguousArray<UInt64>(repeating: 0, count: words)
        for (position, person) in people.enumerated() {
            let bit: UInt64 = 1 << UInt64(position % 64)
            for (trait, days) in person {
                presence[trait, default: none][position / 64] |= bit
                for (day, count) in days {
                    for level in 0..<count {
                        if levels[trait]?[day]?.count ?? 0 <= level {
                            levels[trait, default: [:]][day, default: []].append(none)
                        }
                        levels[trait]?[day]?[level][position / 64] |= bit
                    }
                }
            }
        }
    }

    /// The bit arrays of a trait, without the zeros at their ends.
    func realizations(of trait: SID) -> [TraitRealizations] {
        levels[trait, default: [:]].flatMap { day, levels in
            levels.enumerated().map { index, bits in
                let used = bits.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
                return TraitRealizations(day: day, level: index + 1, bits: ContiguousArray(bits[..<used]))
            }
        }
    }

    func members(of rule: SegmentRule, among count: Int, on today: Day) -> ContiguousArray<UInt64> {
        SegmentProgram(rule).members(
            among: count,
            on: today,
            presence: { presence[$0] ?? [] },
            realizations: { realizations(of: $0) }
        )
    }
}
