// SPDX-License-Identifier: Apache-2.0

extension ControlFile {
    /// The control file written in these bytes.
    ///
    /// Keys are known in any case and with or without quotation marks, numbers too may stand in quotation marks, and
    /// unknown keys are passed over. `Files` is needed and, in each entry, `FileName` and `FileByteSize`.
    ///
    /// - Throws: ``AudienceFileError/controlFile(line:column:problem:)``, or ``AudienceFileError/empty``.
    package init(parsing bytes: [UInt8]) throws(AudienceFileError) {
        guard !bytes.isEmpty else { throw .empty }
        var parser = LenientJSONParser(bytes)
        let root = try Fields(try parser.parse(), parser: parser)
        guard let files = root["files"] else { throw root.missingKey }
        guard case .array(let elements) = files.content else {
            throw parser.error(.unexpectedCharacter, at: files.position)
        }
        var entries: [Entry] = []
        for element in elements {
            entries.append(try Entry(Fields(element, parser: parser)))
        }
        let totals = try root["totals"].map { (value) throws(AudienceFileError) in
            try Totals(Fields(value, parser: parser))
        }
        self.init(entries: entries, totals: totals ?? Totals())
    }
}

extension ControlFile.Entry {
    fileprivate init(_ fields: Fields) throws(AudienceFileError) {
        guard let name = try fields.text("filename"), let byteCount = try fields.number("filebytesize") else {
            throw fields.missingKey
        }
        self.init(
            name: name,
            byteCount: byteCount,
            lineCount: try fields.number("filelinecount"),
            sequenceNumber: try fields.number("filesequencenumber"),
            md5: try fields.md5("md5")
        )
    }
}

extension ControlFile.Totals {
    fileprivate init(_ fields: Fields) throws(AudienceFileError) {
        self.init(
            name: try fields.text("filename"),
            byteCount: try fields.number("totalbytesize"),
            fileCount: try fields.number("totalnumberfiles"),
            lineCount: try fields.number("totalnumberlines")
        )
    }
}

/// The members of one object under their keys in lower case.
private struct Fields {
    private var values: [String: LenientJSONParser.Value] = [:]
    private let parser: LenientJSONParser
    private let end: Int

    init(_ value: LenientJSONParser.Value, parser: LenientJSONParser) throws(AudienceFileError) {
        guard case .object(let members, let end) = value.content else {
            throw parser.error(.unexpectedCharacter, at: value.position)
        }
        self.parser = parser
        self.end = end
        for (key, value) in members where values.updateValue(value, forKey: key.lowercased()) != nil {
            throw parser.error(.repeatedKey, at: value.position)
        }
    }

    /// The error that this object lacks a key.
    var missingKey: AudienceFileError { parser.error(.missingKey, at: end) }

    subscript(key: String) -> LenientJSONParser.Value? { values[key] }

    func text(_ key: String) throws(AudienceFileError) -> String? {
        guard let value = values[key] else { return nil }
        switch value.content {
        case .text(let text), .word(let text): return text
        case .object, .array: throw parser.error(.notAText, at: value.position)
        }
    }

    func number(_ key: String) throws(AudienceFileError) -> Int? {
        guard let value = values[key] else { return nil }
        switch value.content {
        case .text(let text), .word(let text):
            guard let number = DecimalDigits.value(of: text.utf8, as: Int.self) else { fallthrough }
            return number
        case .object, .array: throw parser.error(.notANumber, at: value.position)
        }
    }

    func md5(_ key: String) throws(AudienceFileError) -> String? {
        guard let value = values[key], let text = try text(key) else { return nil }
        guard text.utf8.count == 32, text.utf8.allSatisfy(HexDigits.isDigit) else {
            throw parser.error(.invalidMD5, at: value.position)
        }
        return text.lowercased()
    }
}
