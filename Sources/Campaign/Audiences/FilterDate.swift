// SPDX-License-Identifier: Apache-2.0

/// Days and moments as filters write them: ISO 8601, Gregorian calendar, years 0001 to 9999.
enum FilterDate {
    private static let millisecondsPerDay: Int64 = 86_400_000

    /// The first moment of the year 1 and the first one after the year 9999, in milliseconds since 1970 UTC.
    private static let moments =
        days(year: 1, month: 1, day: 1) * millisecondsPerDay..<days(year: 10_000, month: 1, day: 1)
        * millisecondsPerDay

    /// Reads a day, `YYYY-MM-DD`.
    ///
    /// - Returns: Days since 1970-01-01, or nil when it is no day of the calendar.
    static func day(_ text: Substring.UTF8View) -> Int64? {
        let bytes = Array(text)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]),
            year >= 1, (1...12).contains(month), day >= 1, day <= length(ofMonth: month, year: year)
        else { return nil }
        return days(year: year, month: month, day: day)
    }

    /// Reads a moment, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm[:ss[.fraction]]` with `Z`, `±hh:mm` or nothing for UTC.
    ///
    /// - Returns: Milliseconds since 1970 UTC, rounded down, or nil when it is no moment of the years 0001 to 9999.
    static func moment(_ text: String) -> Int64? {
        let utf8 = text[...].utf8
        guard let day = day(utf8.prefix(10)) else { return nil }
        var rest = Array(utf8.dropFirst(10))[...]
        guard !rest.isEmpty else { return day * millisecondsPerDay }
        guard rest.removeFirst() == UInt8(ascii: "T"), let hour = take(&rest, 2), hour < 24,
            rest.popFirst() == UInt8(ascii: ":"), let minute = take(&rest, 2), minute < 60
        else { return nil }
        var milliseconds = (hour * 60 + minute) * 60_000
        if rest.first == UInt8(ascii: ":") {
            rest.removeFirst()
            guard let second = take(&rest, 2), second < 60 else { return nil }
            milliseconds += second * 1000
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                guard (1...9).contains(digits.count),
                    let fraction = number((digits + [48, 48, 48]).prefix(3))
                else {
                    return nil
                }
                milliseconds += fraction
                rest.removeFirst(digits.count)
            }
        }
        guard let offset = zoneOffset(rest) else { return nil }
        let moment = day * millisecondsPerDay + milliseconds - offset
        return moments.contains(moment) ? moment : nil
    }

    /// Writes a moment, with a fraction only where there is one.
    ///
    /// - Parameter moment: Milliseconds since 1970 UTC, in the years 0001 to 9999.
    /// - Returns: The moment in UTC, like `2024-01-31T08:00:00Z`.
    static func text(ofMoment moment: Int64) -> String {
        var day = moment / millisecondsPerDay
        var rest = moment % millisecondsPerDay
        if rest < 0 {
            day -= 1
            rest += millisecondsPerDay
        }
        let (year, month, dayOfMonth) = date(ofDay: day)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
        text +=
            "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2))"
        if rest % 1000 != 0 { text += ".\(padded(rest % 1000, 3))" }
        return text + "Z"
    }
}

extension FilterDate {
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func take(_ bytes: inout ArraySlice<UInt8>, _ count: Int) -> Int64? {
        guard bytes.count >= count, let value = number(bytes.prefix(count)) else { return nil }
        bytes.removeFirst(count)
        return value
    }

    /// Milliseconds that a zone is ahead of UTC.
    private static func zoneOffset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var rest = bytes
        guard let sign = rest.popFirst() else { return 0 }
        if sign == UInt8(ascii: "Z") { return rest.isEmpty ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = take(&rest, 2), hours < 24,
            rest.popFirst() == UInt8(ascii: ":"), let minutes = take(&rest, 2), minutes < 60, rest.isEmpty
        else { return nil }
        let offset = (hours * 60 + minutes) * 60_000
        return sign == UInt8(ascii: "-") ? -offset : offset
    }

    private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Leap days of all years before this one.
    private static func leapDays(before year: Int64) -> Int64 {
        let years = year - 1
        return years / 4 - years / 100 + years / 400
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        var days = (year - 1970) * 365 + leapDays(before: year) - leapDays(before: 1970) + day - 1
        for earlier in 1..<month { days += length(ofMonth: earlier, year: year) }
        return days
    }

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // The average year is a little longer than 365.2 days, so the guess is at most one or two years off.
        var year = max(1, 1970 + day * 10_000 / 3_652_425)
        while days(year: year + 1, month: 1, day: 1) <= day { year += 1 }
        while days(year: year, month: 1, day: 1) > day { year -= 1 }
        var month: Int64 = 1
        var rest = day - days(year: year, month: 1, day: 1)
        while rest >= length(ofMonth: month, year: year) {
            rest -= length(ofMonth: month, year: year)
            month += 1
        }
        return (year, month, rest + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
