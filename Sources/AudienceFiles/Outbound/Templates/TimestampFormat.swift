// SPDX-License-Identifier: Apache-2.0

/// How a moment is written: `YYYYMMDDhhmmss` and its like, always UTC.
///
/// The vendor refers to the rules of Java and breaks them in its only example, so the letters mean what the example
/// means: year, month, day, hour of 24, minute, second and, as `S`, milliseconds. `M` is the month, `m` the minute;
/// `Y`, `D` and `H` may be small. Digits, blanks and `-_.:` stand for themselves.
struct TimestampFormat: Sendable, Hashable {
    private enum Field: Sendable, Hashable {
        case year, month, day, hour, minute, second, millisecond
    }

    private enum Piece: Sendable, Hashable {
        case number(Field, digitCount: Int)
        case mark(UInt8)
    }

    private var pieces: [Piece] = []

    /// The format written in this text, or nil when it has another letter or a field of an odd width.
    init?(parsing text: [UInt8]) {
        var position = 0
        while position < text.count {
            let letter = text[position]
            let end = text[position...].firstIndex { $0 != letter } ?? text.count
            let width = end - position
            switch letter {
            case 0x30...0x39, UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: ":"):
                pieces += Array(repeating: .mark(letter), count: width)
            default:
                guard let (field, widths) = Self.field(letter), widths.contains(width) else { return nil }
                pieces.append(.number(field, digitCount: width))
            }
            position = end
        }
        if pieces.isEmpty { return nil }
    }

    /// The moment as text.
    ///
    /// - Parameter timestamp: milliseconds since 1970, UTC.
    /// - Returns: one field after the other, with zeros in front.
    func text(_ timestamp: Int64) -> String {
        let moment = CivilMoment(timestamp)
        return pieces.map { piece in
            switch piece {
            case .mark(let mark): String(UnicodeScalar(mark))
            case .number(.year, 2): DecimalDigits.text(moment.year % 100, padded: 2)
            case .number(let field, let digitCount):
                DecimalDigits.text(Self.value(of: field, in: moment), padded: digitCount)
            }
        }
        .joined()
    }

    private static func field(_ letter: UInt8) -> (Field, widths: Set<Int>)? {
        switch letter {
        case UInt8(ascii: "Y"), UInt8(ascii: "y"): (.year, [2, 4])
        case UInt8(ascii: "M"): (.month, [1, 2])
        case UInt8(ascii: "D"), UInt8(ascii: "d"): (.day, [1, 2])
        case UInt8(ascii: "H"), UInt8(ascii: "h"): (.hour, [1, 2])
        case UInt8(ascii: "m"): (.minute, [1, 2])
        case UInt8(ascii: "s"): (.second, [1, 2])
        case UInt8(ascii: "S"): (.millisecond, [3])
        default: nil
        }
    }

    private static func value(of field: Field, in moment: CivilMoment) -> Int {
        switch field {
        case .year: moment.year
        case .month: moment.month
        case .day: moment.day
        case .hour: moment.hour
        case .minute: moment.minute
        case .second: moment.second
        case .millisecond: moment.millisecond
        }
    }
}

/// A moment in the Gregorian calendar, UTC.
private struct CivilMoment {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    let millisecond: Int

    /// The moment of so many milliseconds since 1970.
    init(_ timestamp: Int64) {
        let dayLength = 86_400_000
        let time = Int(timestamp) % dayLength
        let timeOfDay = time < 0 ? time + dayLength : time
        hour = timeOfDay / 3_600_000
        minute = timeOfDay / 60_000 % 60
        second = timeOfDay / 1000 % 60
        millisecond = timeOfDay % 1000

        // Days are counted from 1 March of year 0, so that a leap day is the last of its year; 400 years have
        // 146,097 days (after H. Hinnant, "chrono-compatible low-level date algorithms").
        let days = (Int(timestamp) - timeOfDay) / dayLength + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
