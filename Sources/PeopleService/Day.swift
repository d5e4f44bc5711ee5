// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A day in UTC: the unit in which traits are realized, counted and forgotten.
///
/// Audience Manager lets a trait with a time to live of one day last until the end of the next day in UTC, so whole
/// days are all that has to be kept.
package struct Day: Hashable, Comparable, Sendable {
    /// The number of days since 1970-01-01.
    package let number: Int32

    /// Wraps a number of days since 1970-01-01.
    package init(_ number: Int32) {
        self.number = number
    }

    /// The day that holds a moment.
    ///
    /// - Parameter milliseconds: The moment, in milliseconds since 1970 UTC.
    package init(milliseconds: Int64) {
        number = Int32(clamping: Int64((Double(milliseconds) / 86_400_000).rounded(.down)))
    }

    /// The day so many days later; earlier if negative.
    package static func + (day: Day, count: Int) -> Day { Day(Int32(clamping: Int(day.number) + count)) }

    /// The number of days from another day to this one.
    package static func - (later: Day, earlier: Day) -> Int { Int(later.number) - Int(earlier.number) }

    package static func < (one: Day, other: Day) -> Bool { one.number < other.number }
}
