// SPDX-License-Identifier: Apache-2.0

/// Who realized a trait at least so many times on a day.
///
/// A trait that somebody realized three times on a day has that person's bit in the levels 1, 2 and 3 of the day.
package struct TraitRealizations: Sendable {
    /// The day.
    package let day: Day

    /// How many times at least; from 1 without gaps for each day.
    package let level: Int

    /// A bit for every position, the lowest of the first word being that of position 0; missing words are zero.
    package let bits: ContiguousArray<UInt64>

    /// The people of these bits realized the trait at least so many times on the day.
    package init(day: Day, level: Int, bits: ContiguousArray<UInt64>) {
        self.day = day
        self.level = level
        self.bits = bits
    }
}
