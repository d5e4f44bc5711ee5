// SPDX-License-Identifier: Apache-2.0

extension OutboundFileName {
    /// The name read from its text, or nil when it is not the name of an outbound file.
    ///
    /// The words (`s3`, `iter`, `sync`, …) may be written in any case. The alias may hold underscores.
    ///
    /// - Parameters:
    ///   - text: the last component of a path.
    ///   - timestampPrecision: how to split digits that could be read in two ways.
    package init?(parsing text: String, timestampPrecision: TimestampPrecision = .automatic) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "/") }) else { return nil }
        let fields = text.split(separator: "_", omittingEmptySubsequences: false)
        guard fields.count >= 5,
            let syncType = SyncType(rawValue: fields[0].lowercased()),
            let destination = DecimalDigits.value(of: fields[1].utf8, as: Int.self),
            let keyDataSource = DecimalDigits.value(of: fields[2].utf8, as: Int.self),
            let mode = SyncMode(rawValue: fields[fields.count - 2].lowercased()),
            let ending = Ending(parsing: fields[fields.count - 1], precision: timestampPrecision)
        else { return nil }
        let alias = fields[3..<(fields.count - 2)].joined(separator: "_")

        self.name = text
        self.syncType = syncType
        self.destination = destination
        self.keyDataSource = keyDataSource
        self.alias = alias.isEmpty ? nil : alias
        self.mode = mode
        self.timestamp = ending.timestamp
        self.timestampDigits = ending.timestampDigits
        self.part = ending.part
        self.fileExtension = ending.fileExtension
        self.isGzip = ending.isGzip
    }

    /// What follows the last underscore: moment, part and extension.
    private struct Ending {
        var timestamp: Int64
        var timestampDigits: String
        var part: Int
        var fileExtension: String
        var isGzip: Bool

        init?(parsing text: Substring, precision: TimestampPrecision) {
            let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
            guard (2...3).contains(pieces.count) else { return nil }
            let fileExtension = pieces[1].lowercased()
            guard ["sync", "csv", "txt", "json", "info"].contains(fileExtension) else { return nil }
            if pieces.count == 3, pieces[2].lowercased() != "gz" { return nil }

            let numbers = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard DecimalDigits.areAll(numbers[0].utf8),
                let moment = Moment(digits: Array(numbers[0].utf8), precision: precision)
            else { return nil }
            self.part = moment.part
            if numbers.count == 2 {
                guard !moment.hasGluedPart, let part = DecimalDigits.value(of: numbers[1].utf8, as: Int.self)
                else { return nil }
                self.part = part
            }
            self.timestamp = moment.timestamp
            self.timestampDigits = moment.digits
            self.fileExtension = fileExtension
            self.isGzip = pieces.count == 3
        }
    }

    /// A run of digits split into a moment and, behind it, a part number.
    private struct Moment {
        var timestamp: Int64
        var digits: String
        var part: Int
        var hasGluedPart: Bool

        init?(digits: [UInt8], precision: TimestampPrecision) {
            let digitCount = Self.timestampDigitCount(in: digits, precision: precision)
            guard digits.count >= digitCount,
                let number = DecimalDigits.value(of: digits.prefix(digitCount), as: Int64.self)
            else { return nil }
            let glued = digits.dropFirst(digitCount)
            // Numbers are padded to three digits, so a longer one never starts with a zero.
            guard glued.isEmpty || glued.count == 3 || (glued.count > 3 && glued.first != UInt8(ascii: "0")),
                let part = glued.isEmpty ? 0 : DecimalDigits.value(of: glued, as: Int.self)
            else { return nil }
            self.timestamp = digitCount == 10 ? number * 1000 : number
            self.digits = String(decoding: digits.prefix(digitCount), as: UTF8.self)
            self.part = part
            self.hasGluedPart = !glued.isEmpty
        }

        private static func timestampDigitCount(in digits: [UInt8], precision: TimestampPrecision) -> Int {
            // Ten digits can only be seconds, whatever the setting.
            guard digits.count > 10 else { return 10 }
            switch precision {
            case .milliseconds: return 13
            case .seconds: return 10
            case .automatic:
                if digits.count == 13 {
                    let plausible: ClosedRange<Int64> = 978_307_200_000...4_133_980_799_999
                    let moment = DecimalDigits.value(of: digits, as: Int64.self) ?? 0
                    return plausible.contains(moment) ? 13 : 10
                }
                return digits.count < 16 ? 10 : 13
            }
        }
    }
}
