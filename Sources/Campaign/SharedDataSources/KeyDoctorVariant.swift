// SPDX-License-Identifier: Apache-2.0

import Matching

/// What a website may have made of a value before it sent, hashed or encrypted it.
struct KeyDoctorVariant: Sendable {
    /// The bytes that come out.
    let bytes: [UInt8]

    /// The steps that lead there.
    let normalization: Normalization

    /// The mistakes that lead there, after the steps; at most two.
    let mistakes: [KeyDoctorMistake]

    /// How far it is from the definition of the data source; 0 is the definition itself.
    let cost: Int

    /// All that a website may have made of a value, each result once, by its least unlikely way.
    ///
    /// - Parameters:
    ///   - plain: The value.
    ///   - definition: The normalization that the data source is defined with.
    /// - Returns: Distinct results, nearest to the definition first; empty results are left out.
    static func all(of plain: String, definition: Normalization) -> [KeyDoctorVariant] {
        var best: [[UInt8]: KeyDoctorVariant] = [:]
        func note(_ variant: KeyDoctorVariant) {
            guard !variant.bytes.isEmpty, variant.cost < best[variant.bytes]?.cost ?? .max else { return }
            best[variant.bytes] = variant
        }
        for normalization in Normalization.everyOrder {
            let bytes = [UInt8](normalization.normalized(plain).utf8)
            let cost = distance(normalization, definition)
            note(KeyDoctorVariant(bytes: bytes, normalization: normalization, mistakes: [], cost: cost))
        }
        for start in best.values {
            for (position, mistake) in KeyDoctorMistake.allCases.enumerated() {
                for first in start.making(mistake) {
                    note(first)
                    for second in KeyDoctorMistake.allCases[(position + 1)...] {
                        first.making(second).forEach(note)
                    }
                }
            }
        }
        return best.values.sorted { left, right in
            left.cost != right.cost
                ? left.cost < right.cost : left.bytes.lexicographicallyPrecedes(right.bytes)
        }
    }

    private func making(_ mistake: KeyDoctorMistake) -> [KeyDoctorVariant] {
        mistake.applied(to: bytes).map {
            KeyDoctorVariant(
                bytes: $0,
                normalization: normalization,
                mistakes: mistakes + [mistake],
                cost: cost + 20
            )
        }
    }

    /// 0 for the same steps; otherwise more with each step that only one of the two has.
    private static func distance(_ normalization: Normalization, _ definition: Normalization) -> Int {
        guard normalization != definition else { return 0 }
        return 1 + 2 * Set(normalization.steps).symmetricDifference(definition.steps).count
    }
}

extension Normalization {
    /// All ordered subsets of the steps: sixteen, fewer steps first.
    static let everyOrder: [Normalization] = {
        var all: [[Normalizer]] = [[]]
        var longest: [[Normalizer]] = [[]]
        for _ in Normalizer.allCases {
            longest = longest.flatMap { steps in
                Normalizer.allCases.filter { !steps.contains($0) }.map { steps + [$0] }
            }
            all += longest
        }
        return all.compactMap { try? Normalization($0) }
    }()
}
