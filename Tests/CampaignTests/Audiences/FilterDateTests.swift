// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Campaign

@Suite struct FilterDateTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-01T00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1),
        ("2024-02-29T12:34:56.789Z", 1_709_210_096_789),
        ("2024-02-29T14:34:56.7891+02:00", 1_709_210_096_789),
        ("2000-01-01T00:00:00", 946_684_800_000), ("0001-01-01", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
    func `moments are milliseconds since 1970`(text: String, moment: Int64) {
        #expect(FilterDate.moment(text) == moment)
    }

    @Test(arguments: [
        "1900-02-29", "2023-02-29", "2023-13-01", "2023-00-10", "2023-01-00", "2023-04-31", "0000-01-01",
        "23-01-01",
        "2023-1-1", "2023-01-01T24:00Z", "2023-01-01T10:60Z", "2023-01-01T10:00:60Z", "2023-01-01T10",
        "2023-01-01 10:00",
        "2023-01-01T10:00:00.Z", "2023-01-01T10:00+0200", "2023-01-01T10:00Zx", "0001-01-01T00:00+00:01",
        "9999-12-31T23:59-00:01", "2023-01-01T10:00:00.1234567890Z", "２023-01-01", "",
    ])
    func `what is no moment of the calendar is refused`(text: String) {
        #expect(FilterDate.moment(text) == nil)
    }

    @Test func `each day of the calendar is the day after the one before and is written as it is read`() {
        var expected: Int64 = -719_162
        var isRight = true
        for year in 1...9999 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for (month, length) in lengths.enumerated() {
                // The first and last days of months show every mistake that a day between could show.
                for day in [1, length] {
                    let text = padded(year, 4) + "-" + padded(month + 1, 2) + "-" + padded(day, 2)
                    let number = expected + Int64(day) - 1
                    isRight =
                        isRight && FilterDate.day(text[...].utf8) == number
                        && FilterDate.text(ofMoment: number * 86_400_000) == text + "T00:00:00Z"
                }
                expected += Int64(length)
            }
        }
        #expect(isRight)
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: width - digits.count) + digits
    }
}
