// SPDX-License-Identifier: Apache-2.0

import Conditions

/// What a segment rule asks of traits: `101T`, `recency([101T] <= 5D)`, `frequency([101T, 102T] <= 5D) >= 3`.
package enum SegmentCondition: Sendable, Hashable {
    /// How many realizations are asked for.
    package enum Count: Sendable, Hashable {
        /// At least so many.
        case atLeast(Int)
        /// At most so many, also none.
        case atMost(Int)
        /// Exactly so many.
        case exactly(Int)
    }

    /// The trait is there.
    case trait(SID)
    /// The latest realization of any of the traits, which are at least one, ascending, is within the window.
    case recency([SID], SegmentWindow)
    /// The traits, at least one, ascending, were realized so often, taken together; within the window if there is one.
    case frequency([SID], SegmentWindow?, Count)
}

extension SegmentCondition {
    /// The traits that the condition asks for.
    package var traits: [SID] {
        switch self {
        case .trait(let trait): [trait]
        case .recency(let traits, _), .frequency(let traits, _, _): traits
        }
    }

    /// Whether the condition looks at the days or the number of realizations, not only at presence.
    var isCount: Bool {
        if case .trait = self { false } else { true }
    }

    /// Whether the condition holds for a person without any trait.
    var holdsForNobody: Bool {
        if case .frequency(_, _, let count) = self { count.includes(0) } else { false }
    }
}

extension SegmentCondition.Count {
    /// Whether so many realizations are asked for.
    func includes(_ count: Int) -> Bool {
        switch self {
        case .atLeast(let least): count >= least
        case .atMost(let most): count <= most
        case .exactly(let number): count == number
        }
    }
}

extension SegmentCondition: WrittenCondition {
    /// The condition in canonical form.
    package var description: String {
        switch self {
        case .trait(let trait): "\(trait)T"
        case .recency(let traits, let window): "recency(\(Self.list(traits)) \(window))"
        case .frequency(let traits, nil, let count): "frequency(\(Self.list(traits))) \(count)"
        case .frequency(let traits, let window?, let count):
            "frequency(\(Self.list(traits)) \(window)) \(count)"
        }
    }

    private static func list(_ traits: [SID]) -> String {
        "[" + traits.map { "\($0)T" }.joined(separator: ", ") + "]"
    }
}

extension SegmentCondition.Count: CustomStringConvertible {
    /// The comparison and the number.
    package var description: String {
        switch self {
        case .atLeast(let least): ">= \(least)"
        case .atMost(let most): "<= \(most)"
        case .exactly(let number): "== \(number)"
        }
    }
}
