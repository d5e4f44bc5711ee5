// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The spellings of a moment that the S3 protocol uses, all in UTC.
package enum S3Time {
    /// The system's clock, in nanoseconds since 1970-01-01 UTC.
    package static func systemNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The folder of a day for inbound drops, `date=YYYY-MM-DD`.
    ///
    /// - Parameter nanoseconds: A moment of that day in UTC, in nanoseconds since 1970-01-01 UTC.
    /// - Returns: The folder's name.
    package static func dayFolder(at nanoseconds: Int) -> String {
        let time = civil(nanoseconds)
        return
            "date=\(digits(time.tm_year + 1_900, 4))-\(digits(time.tm_mon + 1, 2))-\(digits(time.tm_mday, 2))"
    }

    /// A moment as requests are stamped, `YYYYMMDDTHHMMSSZ`.
    static func stamp(at nanoseconds: Int) -> String {
        let time = civil(nanoseconds)
        let day = digits(time.tm_year + 1_900, 4) + digits(time.tm_mon + 1, 2) + digits(time.tm_mday, 2)
        return "\(day)T" + digits(time.tm_hour, 2) + digits(time.tm_min, 2) + digits(time.tm_sec, 2) + "Z"
    }

    /// Reads a moment as lists give it, `YYYY-MM-DDTHH:MM:SS[.fff]Z`, in nanoseconds since 1970-01-01 UTC.
    static func nanoseconds(listed text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
            let second = number(bytes[17..<19])
        else { return nil }
        var fraction = 0
        if bytes.count > 20 {
            let places = bytes[20..<(bytes.count - 1)].prefix(9)
            guard bytes[19] == UInt8(ascii: "."), let value = number(places) else { return nil }
            fraction = (places.count..<9).reduce(value) { whole, _ in whole * 10 }
        }
        return seconds(year, month, day, hour, minute, second).map { $0 * 1_000_000_000 + fraction }
    }

    /// Reads a moment as headers give it, `Mon, 02 Jan 2006 15:04:05 GMT`, in nanoseconds since 1970-01-01 UTC.
    static func nanoseconds(header text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let clock = words[4].split(separator: ":")
        guard clock.count == 3, let day = Int(words[1]), let year = Int(words[3]), let hour = Int(clock[0]),
            let minute = Int(clock[1]), let second = Int(clock[2])
        else { return nil }
        return seconds(year, month + 1, day, hour, minute, second).map { $0 * 1_000_000_000 }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func civil(_ nanoseconds: Int) -> tm {
        var time = tm()
        var seconds = time_t((nanoseconds / 1_000_000_000) - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0))
        gmtime_r(&seconds, &time)
        return time
    }

    private static func seconds(
        _ year: Int,
        _ month: Int,
        _ day: Int,
        _ hour: Int,
        _ minute: Int,
        _ second: Int
    ) -> Int? {
        guard (1_970...9_999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        var time = tm()
        time.tm_year = Int32(year - 1_900)
        time.tm_mon = Int32(month - 1)
        time.tm_mday = Int32(day)
        time.tm_hour = Int32(hour)
        time.tm_min = Int32(minute)
        time.tm_sec = Int32(second)
        return Int(timegm(&time))
    }

    private static func digits(_ value: Int32, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return bytes.isEmpty ? nil : value
    }
}
