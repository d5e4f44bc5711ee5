// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching

/// Reads the values of one profile field out of a file, and refuses what the field can't hold.
///
/// Works on bytes, one value after the other, without building strings for the common kinds.
final class FieldParser: Sendable {
    /// Why a value was refused; the raw value is the reason's code in reports and rejected rows.
    enum Fault: String, Error, Sendable {
        case notAnEmail = "not-an-email"
        case notE164 = "not-e164"
        case tooLong = "too-long"
        case notATimeZone = "not-a-time-zone"
        case notAnInteger = "not-an-integer"
        case notANumber = "not-a-number"
        case notABoolean = "not-a-boolean"
        case notADate = "not-a-date"
        case notADateTime = "not-a-datetime"
        case notAuthorized = "not-an-authorized-value"

        /// What would be right.
        var hint: String {
            switch self {
            case .notAnEmail: "an email has one @, a domain with a dot and at most 128 bytes"
            case .notE164:
                "a mobile phone is written like +33612345678: plus, country, number, 7 to 15 digits"
            case .tooLong: "shorten the value, or load it into a longer field"
            case .notATimeZone: "write an IANA time zone like Europe/Paris, or none"
            case .notAnInteger: "write a whole number of at most 64 bits"
            case .notANumber: "write a number like 12.5"
            case .notABoolean: "write true or false, yes or no, 1 or 0"
            case .notADate: "write a day that exists as YYYY-MM-DD"
            case .notADateTime: "write ISO 8601 like 2026-01-31T08:00:00Z"
            case .notAuthorized: "write one of the field's authorized values"
            }
        }
    }

    let field: ProfileField
    private let emptyValue: FieldValue
    private let choices: [String: Int64]
    private let texts: Set<String>

    init(_ field: ProfileField) {
        self.field = field
        emptyValue = field.emptyValue.map(FieldValue.integer) ?? .empty
        var choices: [String: Int64] = [:]
        var texts: Set<String> = []
        if case .choice(let names) = field.kind {
            for (number, name) in names.enumerated() {
                choices[name] = Int64(number)
                choices[String(number)] = Int64(number)
            }
        }
        if case .enumeration(let names) = field.kind {
            texts = Set(names)
        }
        self.choices = choices
        self.texts = texts
    }

    /// Reads one value.
    ///
    /// - Parameter raw: The bytes of the cell, unquoted, valid UTF-8.
    /// - Returns: The value; it refers to `raw` if it is a text.
    /// - Throws: Why the field can't hold it.
    func parse(_ raw: UnsafeRawBufferPointer) throws(Fault) -> FieldValue {
        if case .text(let maximum) = field.kind {
            guard raw.count <= maximum || Self.characterCount(raw) <= maximum else { throw .tooLong }
            return .text(raw)
        }
        let bytes = Self.trimmed(raw)
        guard !bytes.isEmpty else { return emptyValue }
        switch field.kind {
        case .text:
            return .text(bytes)
        case .email:
            guard AddressForm.email.accepts(bytes) else { throw .notAnEmail }
            return .text(bytes)
        case .mobilePhone:
            guard AddressForm.mobilePhone.accepts(bytes) else { throw .notE164 }
            return .text(bytes)
        case .timeZone:
            guard TimeZoneNames.all.contains(String(decoding: bytes, as: UTF8.self)) else {
                throw .notATimeZone
            }
            return .text(bytes)
        case .integer:
            guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else { throw .notAnInteger }
            return .integer(value)
        case .number:
            guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
                throw .notANumber
            }
            return .real(value)
        case .boolean:
            guard let value = Self.boolean(bytes) else { throw .notABoolean }
            return .integer(value ? 1 : 0)
        case .date:
            guard CalendarDay.isValid(bytes) else { throw .notADate }
            return .text(bytes)
        case .dateTime:
            guard let value = Moment.milliseconds(String(decoding: bytes, as: UTF8.self)) else {
                throw .notADateTime
            }
            return .integer(value)
        case .choice:
            guard let value = choices[String(decoding: bytes, as: UTF8.self).lowercased()] else {
                throw .notAuthorized
            }
            return .integer(value)
        case .enumeration:
            guard texts.contains(String(decoding: bytes, as: UTF8.self)) else { throw .notAuthorized }
            return .text(bytes)
        }
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// Counts scalars, as the field lengths of the profile resource are in characters, not bytes.
    private static func characterCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        bytes.reduce(0) { count, byte in byte & 0xC0 == 0x80 ? count : count + 1 }
    }

    private static func boolean(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        guard bytes.count <= 5 else { return nil }
        return switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "1", "true", "yes", "y", "t": true
        case "0", "false", "no", "n", "f": false
        default: nil
        }
    }
}

/// The time zones that the system knows, and `none`.
private enum TimeZoneNames {
    static let all = Set(TimeZone.knownTimeZoneIdentifiers).union(["none", "UTC", "GMT"])
}
