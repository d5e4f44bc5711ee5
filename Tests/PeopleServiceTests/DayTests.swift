// SPDX-License-Identifier: Apache-2.0

import PeopleService
import Testing

@Suite("A day in UTC")
struct DayTests {
    @Test(
        "A moment lies in the day that began at its last midnight",
        arguments: [(0, 0), (86_399_999, 0), (86_400_000, 1), (-1, -1), (1_795_267_200_000, 20778)]
            as [(Int64, Int32)]
    )
    func momentsLieInDays(milliseconds: Int64, number: Int32) {
        #expect(Day(milliseconds: milliseconds) == Day(number))
    }

    @Test("Days are counted and compared")
    func daysAreCounted() {
        #expect(Day(20_000) + 5 == Day(20_005))
        #expect(Day(20_005) - Day(20_000) == 5)
        #expect(Day(19_999) < Day(20_000))
    }
}
