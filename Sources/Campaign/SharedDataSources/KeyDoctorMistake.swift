// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something that websites do to a value by mistake, before they send, hash or encrypt it.
///
/// The order of the cases is the order in which two of them are combined: spelling, then what is put around the
/// value, then how its characters become bytes.
enum KeyDoctorMistake: String, CaseIterable, Sendable {
    case upperCase
    case innerSpacesRemoved
    case dotsRemoved
    case tagRemoved
    case plusRemoved
    case zerosForPlus
    case national
    case nationalWithZero
    case doubleQuotes
    case singleQuotes
    case mailto
    case tel
    case trailingSpace
    case newline
    case carriageReturn
    case carriageReturnAndNewline
    case terminator
    case composed
    case decomposed
    case latin1
    case utf16LittleEndian
    case utf16BigEndian
    case byteOrderMark
    case encodedTwice
    case percentEncoded

    /// Does the mistake.
    ///
    /// - Parameter value: The bytes of a value, as UTF-8.
    /// - Returns: What may come out, without the value itself; nothing where the mistake can't be made.
    func applied(to value: [UInt8]) -> [[UInt8]] {
        results(String(decoding: value, as: UTF8.self)).filter { $0 != value && !$0.isEmpty }
    }

    private func results(_ text: String) -> [[UInt8]] {
        let value = [UInt8](text.utf8)
        switch self {
        case .upperCase: return [[UInt8](text.uppercased().utf8)]
        case .innerSpacesRemoved: return [value.filter { $0 != 0x20 && $0 != 0x09 }]
        case .dotsRemoved, .tagRemoved: return changedMailbox(value)
        case .plusRemoved, .zerosForPlus, .national, .nationalWithZero: return respelledNumber(value)
        case .doubleQuotes: return [Self.quoted(value, "\"")]
        case .singleQuotes: return [Self.quoted(value, "'")]
        case .mailto: return [Array("mailto:".utf8) + value]
        case .tel: return [Array("tel:".utf8) + value]
        case .trailingSpace: return [value + [0x20]]
        case .newline: return [value + [0x0A]]
        case .carriageReturn: return [value + [0x0D]]
        case .carriageReturnAndNewline: return [value + [0x0D, 0x0A]]
        case .terminator: return [value + [0]]
        case .composed: return [[UInt8](text.precomposedStringWithCanonicalMapping.utf8)]
        case .decomposed: return [[UInt8](text.decomposedStringWithCanonicalMapping.utf8)]
        case .latin1: return text.data(using: .isoLatin1).map { [[UInt8]($0)] } ?? []
        case .utf16LittleEndian: return [text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }]
        case .utf16BigEndian: return [text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }]
        case .byteOrderMark: return [[0xEF, 0xBB, 0xBF] + value]
        case .encodedTwice:
            return [value.flatMap { [UInt8](String(Unicode.Scalar($0)).utf8) }]
        case .percentEncoded:
            let kept = CharacterSet(charactersIn: "-_.!~*'()").union(.asciiAlphanumerics)
            return text.addingPercentEncoding(withAllowedCharacters: kept).map { [[UInt8]($0.utf8)] } ?? []
        }
    }

    private static func quoted(_ value: [UInt8], _ quote: String) -> [UInt8] {
        Array(quote.utf8) + value + Array(quote.utf8)
    }

    /// The address without the dots, or without the `+tag`, of its part before the `@`.
    private func changedMailbox(_ value: [UInt8]) -> [[UInt8]] {
        guard let sign = value.lastIndex(of: UInt8(ascii: "@")) else { return [] }
        let mailbox = value[..<sign]
        let changed =
            self == .dotsRemoved
            ? mailbox.filter { $0 != UInt8(ascii: ".") }
            : Array(mailbox.prefix { $0 != UInt8(ascii: "+") })
        return [changed + value[sign...]]
    }

    /// A number in E.164 form written otherwise; country codes have one to three digits.
    private func respelledNumber(_ value: [UInt8]) -> [[UInt8]] {
        guard value.first == UInt8(ascii: "+"), value.count > 5 else { return [] }
        let digits = Array(value.dropFirst())
        switch self {
        case .plusRemoved: return [digits]
        case .zerosForPlus: return [[0x30, 0x30] + digits]
        case .national: return (1...3).map { Array(digits.dropFirst($0)) }
        default: return (1...3).map { [0x30] + digits.dropFirst($0) }
        }
    }
}

extension CharacterSet {
    fileprivate static let asciiAlphanumerics = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    )
}

extension KeyDoctorMistake {
    /// What the website does, to stand after "the website".
    var deed: String {
        switch self {
        case .upperCase: "turns the value into upper case"
        case .innerSpacesRemoved: "takes the spaces out of the value"
        case .dotsRemoved: "takes the dots out of the address before the @"
        case .tagRemoved: "takes the +tag out of the address"
        case .plusRemoved: "leaves the + of the number out"
        case .zerosForPlus: "writes 00 instead of the + of the number"
        case .national: "writes the number without + and country code"
        case .nationalWithZero: "writes the number in its national form, 0 instead of + and country code"
        case .doubleQuotes: "keeps double quotes around the value"
        case .singleQuotes: "keeps single quotes around the value"
        case .mailto: "keeps mailto: before the address"
        case .tel: "keeps tel: before the number"
        case .trailingSpace: "adds a space to the end of the value"
        case .newline: "adds a newline to the end of the value"
        case .carriageReturn: "adds a carriage return to the end of the value"
        case .carriageReturnAndNewline: "adds a carriage return and a newline to the end of the value"
        case .terminator: "includes the zero byte at the end of the value"
        case .composed: "composes accented letters (Unicode NFC), which our value does not"
        case .decomposed: "takes accented letters apart (Unicode NFD)"
        case .latin1: "writes the value in Latin-1 instead of UTF-8"
        case .utf16LittleEndian: "writes the value in UTF-16 (little-endian) instead of UTF-8"
        case .utf16BigEndian: "writes the value in UTF-16 (big-endian) instead of UTF-8"
        case .byteOrderMark: "puts a byte order mark before the value"
        case .encodedTwice: "encodes the value in UTF-8 twice"
        case .percentEncoded: "URL-encodes the value"
        }
    }

    /// What to change on the website, after a colon.
    var remedy: String {
        switch self {
        case .upperCase: "put it in lower case there, and define the data source with `lower`"
        case .innerSpacesRemoved: "leave inner spaces there as they are; `trim` takes them off the ends only"
        case .dotsRemoved, .tagRemoved:
            "use the whole address there, since no definition of a data source can do the same to our profiles"
        case .plusRemoved, .zerosForPlus, .national, .nationalWithZero:
            "write the number there as + and digits (E.164), as our profiles have it"
        case .doubleQuotes, .singleQuotes: "take the quotes off there"
        case .mailto, .tel: "take the prefix off there"
        case .trailingSpace: "trim the value there"
        case .newline, .carriageReturn, .carriageReturnAndNewline:
            "trim the value there (in a shell, `printf %s` instead of `echo`)"
        case .terminator: "pass the length of the text there, without its terminator"
        case .composed: "compose accented letters on our side too: load the profiles in Unicode NFC"
        case .decomposed: "compose the value there (`normalize(\"NFC\")`)"
        case .latin1, .utf16LittleEndian, .utf16BigEndian, .encodedTwice:
            "encode the text there in UTF-8, once"
        case .byteOrderMark: "leave the byte order mark out there"
        case .percentEncoded: "use the decoded value there"
        }
    }
}
