// SPDX-License-Identifier: Apache-2.0

import Storage

/// The reasons for which a row is refused.
enum RowReason {
    /// What would be right.
    static func hint(_ reason: String) -> String {
        if let fault = FieldParser.Fault(rawValue: reason) { return fault.hint }
        return switch reason {
        case "key-empty": "give the row a value in the key column"
        case "key-unusable": "the key's value is empty once it is normalized"
        case "key-ambiguous": "several profiles have this key: load by a unique field like externalId"
        case "not-unique": "another profile has this value, and the field is unique"
        case "wrong-column-count":
            "give the row as many fields as the header has, or quote fields with separators"
        case "quote-inside-field": "quote the whole field and double the quotes in it"
        case "text-after-quote": "put the separator right after the closing quote"
        case "quote-unclosed": "close the quote"
        case "nul-byte": "remove the zero byte"
        case "invalid-utf8": "save the file as UTF-8"
        case "row-too-long": "no row is that long: look for an unclosed quote"
        case "not-a-visitor-id": "a visitor ID is exactly 38 decimal digits"
        case "no-profile": "no profile has this key: load the profiles first"
        default: "correct the value"
        }
    }
}
