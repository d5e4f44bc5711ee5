// SPDX-License-Identifier: Apache-2.0

/// Writes CSV (RFC 4180) into a buffer of bytes that the caller empties.
///
/// Fields are quoted only where they have to be: when they hold the separator, a quote, a carriage return or a
/// newline, and when a record would otherwise be a blank line.
package struct CSVWriter: Sendable {
    /// What was written and not yet taken away.
    package private(set) var bytes: [UInt8] = []

    /// The byte between two fields and the bytes after a record.
    package let dialect: CSVDialect

    private var recordStart = 0
    private var isFirstField = true
    private var needsQuotes: [Bool]

    /// Makes a writer with an empty buffer, or with a byte order mark in it if the dialect has one.
    ///
    /// - Parameter dialect: How to write.
    package init(dialect: CSVDialect = CSVDialect()) {
        self.dialect = dialect
        needsQuotes = [Bool](repeating: false, count: 256)
        for byte in [dialect.separator.rawValue, CSVBytes.quote, CSVBytes.newline, CSVBytes.carriageReturn] {
            needsQuotes[Int(byte)] = true
        }
        if dialect.hasBOM { bytes = [0xEF, 0xBB, 0xBF] }
        recordStart = bytes.count
    }

    /// Adds a field to the record.
    ///
    /// - Parameter field: The bytes of the field, UTF-8.
    package mutating func append(_ field: UnsafeRawBufferPointer) {
        if !isFirstField { bytes.append(dialect.separator.rawValue) }
        isFirstField = false
        guard field.contains(where: { needsQuotes[Int($0)] }) else {
            bytes.append(contentsOf: field)
            return
        }
        bytes.append(CSVBytes.quote)
        for byte in field {
            if byte == CSVBytes.quote { bytes.append(CSVBytes.quote) }
            bytes.append(byte)
        }
        bytes.append(CSVBytes.quote)
    }

    /// Adds a field to the record.
    ///
    /// - Parameter field: The text of the field.
    package mutating func append(_ field: String) {
        var field = field
        field.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Ends the record.
    package mutating func endRecord() {
        if bytes.count == recordStart, !isFirstField {
            bytes.append(contentsOf: [CSVBytes.quote, CSVBytes.quote])
        }
        if dialect.lineEnding == .crlf { bytes.append(CSVBytes.carriageReturn) }
        bytes.append(CSVBytes.newline)
        recordStart = bytes.count
        isFirstField = true
    }

    /// Adds a whole record.
    ///
    /// - Parameter fields: The texts of its fields.
    package mutating func append(record fields: some Sequence<String>) {
        for field in fields { append(field) }
        endRecord()
    }

    /// Forgets what was written, keeping the memory for more; to be called between records.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        recordStart = 0
    }
}
