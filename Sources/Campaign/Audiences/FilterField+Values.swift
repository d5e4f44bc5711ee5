// SPDX-License-Identifier: Apache-2.0

import Conditions

extension FilterField {
    /// Whether values of the field can be less or greater.
    var hasOrder: Bool {
        switch kind {
        case .boolean, .choice, .enumeration: false
        case .string, .integer, .number, .date, .dateTime: true
        }
    }

    /// The operators of the field, for people.
    var allowedOperators: String {
        switch kind {
        case .boolean: "=, != and is empty"
        case .choice, .enumeration: "=, !=, in and is empty"
        case .integer, .number, .date, .dateTime: "=, !=, <, <=, >, >=, in and is empty"
        case .string: "=, !=, <, <=, >, >=, in, like and is empty"
        }
    }

    /// What the values of the field look like, for people.
    var valueForm: String {
        switch kind {
        case .string: "a text in quotes"
        case .integer: "a whole number"
        case .number: "a number like 12.5"
        case .boolean: "true or false"
        case .date: "a day like 1990-01-31"
        case .dateTime: "a moment like 2024-01-31T08:00:00Z"
        case .choice(let names):
            "one of "
                + names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key).joined(separator: ", ")
        case .enumeration(let texts): "one of " + texts.joined(separator: ", ")
        }
    }

    /// The value that a token means for the field.
    ///
    /// - Parameter token: What stands in the filter.
    /// - Returns: The value as the column keeps it, or nil when it is none of this field's.
    func value(of token: Token.Kind) -> FilterValue? {
        switch (kind, token) {
        case (.string, .text(let text)):
            return .text(text)
        case (.integer, .literal(let digits)):
            return Int64(digits).map(FilterValue.integer)
        case (.number, .literal(let digits)):
            return Self.decimal(digits).map(FilterValue.real)
        case (.boolean, .word(let word)):
            return switch word.lowercased() {
            case "true": .integer(1)
            case "false": .integer(0)
            default: nil
            }
        case (.date, .literal(let day)), (.date, .text(let day)):
            return FilterDate.day(day[...].utf8) == nil ? nil : .text(day)
        case (.dateTime, .literal(let moment)), (.dateTime, .text(let moment)):
            return FilterDate.moment(moment).map(FilterValue.integer)
        case (.choice(let names), .literal(let digits)):
            guard let number = Int64(digits), names.values.contains(number) else { return nil }
            return .integer(number)
        case (.choice(let names), .word(let name)), (.choice(let names), .text(let name)):
            let number = names[name] ?? names.first { $0.key.lowercased() == name.lowercased() }?.value
            return number.map(FilterValue.integer)
        case (.enumeration(let texts), .word(let text)), (.enumeration(let texts), .text(let text)):
            return texts.first { $0 == text }.map(FilterValue.text)
        default:
            return nil
        }
    }

    /// Reads digits with an optional sign, fraction and exponent.
    private static func decimal(_ text: String) -> Double? {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"): true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): true
            default: false
            }
        }
        guard isPlain, let number = Double(text), number.isFinite else { return nil }
        return number
    }
}

extension FilterField {
    /// The name that was probably meant.
    ///
    /// - Parameters:
    ///   - name: The name that was written.
    ///   - names: The names that there are.
    /// - Returns: The name that takes the fewest corrections of letters, if these are few.
    package static func nearest(to name: String, in names: some Sequence<String>) -> String? {
        let written = Array(name.lowercased().utf8)
        guard written.count <= 64 else { return nil }
        let limit = max(1, written.count / 3)
        return
            names
            .map { (corrections(written, Array($0.lowercased().utf8)), $0) }
            .filter { $0.0 <= limit }
            .min { $0 < $1 }?.1
    }

    /// The number of inserted, removed, replaced and swapped neighbouring letters (optimal string alignment).
    private static func corrections(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = min(last[column + 1], current[column]) + 1
                best = min(best, last[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
