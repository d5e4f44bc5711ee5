// SPDX-License-Identifier: Apache-2.0

/// Which realizations of a trait count, by their age in whole days in UTC.
///
/// The age is the number of days from the day of the realization to today; a realization of a later day is younger
/// than any number of days.
package enum SegmentWindow: Sendable, Hashable {
    /// The days that a window may name.
    package static let dayRange = 1...100_000

    /// At most so many days old: `<= 5D`.
    case atMost(days: Int)
    /// At least so many days old: `>= 5D`.
    case atLeast(days: Int)

    /// Whether a realization on a day counts.
    package func includes(_ day: Day, on today: Day) -> Bool {
        switch self {
        case .atMost(let days): today - day <= days
        case .atLeast(let days): today - day >= days
        }
    }
}

extension SegmentWindow: CustomStringConvertible {
    /// The window in canonical form.
    package var description: String {
        switch self {
        case .atMost(let days): "<= \(days)D"
        case .atLeast(let days): ">= \(days)D"
        }
    }
}
