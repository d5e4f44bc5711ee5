// SPDX-License-Identifier: Apache-2.0

/// A value of a filter in the form in which columns keep it, ready to be bound to SQL.
package enum FilterValue: Sendable, Hashable {
    /// A text, a day as `YYYY-MM-DD`, or a text of an enumeration.
    case text(String)
    /// A whole number, 1 or 0 for a boolean, milliseconds since 1970 UTC, or the number of a choice.
    case integer(Int64)
    /// A decimal number, finite.
    case real(Double)
}

extension FilterValue {
    /// The value as a filter writes it.
    ///
    /// - Parameter field: The field that the value is compared with.
    /// - Returns: The value, with quotes where the language needs them.
    func literal(for field: FilterField) -> String {
        switch (self, field.kind) {
        case (.text(let day), .date): day
        case (.text(let text), _): Self.quoted(text)
        case (.real(let number), _): "\(number)"
        case (.integer(let flag), .boolean): flag == 0 ? "false" : "true"
        case (.integer(let moment), .dateTime): FilterDate.text(ofMoment: moment)
        case (.integer(let number), .choice(let names)):
            // The smallest of the names, so that the form is always the same.
            names.filter { $0.value == number }.keys.min().map(Self.quoted) ?? "\(number)"
        case (.integer(let number), _): "\(number)"
        }
    }

    private static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("\"") && !scalars.contains("'") ? "'" : "\""
        var literal = String.UnicodeScalarView([quote])
        for scalar in scalars {
            if scalar == quote { literal.append(quote) }
            literal.append(scalar)
        }
        literal.append(quote)
        return String(literal)
    }
}
