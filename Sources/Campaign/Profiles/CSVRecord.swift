// SPDX-License-Identifier: Apache-2.0

/// One record of a CSV file, as a view that is valid until its ``CSVRecords`` reads the next block.
package struct CSVRecord {
    /// The number of the record, 1-based; the header and blank lines don't count.
    package let number: Int

    /// The line on which the record starts, 1-based.
    package let line: Int

    /// What is wrong with the record; it then has no fields.
    package let fault: CSVFault?

    /// The bytes as they stand in the file, without the line ending.
    ///
    /// Of a line that is too long only the first ones; of a record with a quote that is never closed its first line.
    package let bytes: UnsafeRawBufferPointer

    private let fields: UnsafeBufferPointer<CSVRecords.Field>
    private let blockBase: UnsafeRawPointer?
    private let sideBase: UnsafeRawPointer?

    /// Makes the view.
    ///
    /// - Parameters:
    ///   - records: The records.
    ///   - index: Which of them.
    init(_ records: CSVRecords, _ index: Int) {
        (number, line, fault, bytes, fields) = records.parts(at: index)
        blockBase = records.blockBase
        sideBase = records.sideBase
    }

    /// The number of fields, 0 when the record is malformed.
    package var count: Int { fields.count }

    /// The bytes of a field, UTF-8 without zero bytes, unquoted.
    ///
    /// - Parameter column: The position of the field, from 0 to less than ``count``.
    package subscript(column: Int) -> UnsafeRawBufferPointer {
        let field = fields[column]
        guard field.start & CSVRecords.Field.sideBit != 0 else {
            return UnsafeRawBufferPointer(
                start: blockBase.map { $0 + Int(field.start) },
                count: Int(field.count)
            )
        }
        let offset = Int(field.start & ~CSVRecords.Field.sideBit)
        return UnsafeRawBufferPointer(start: sideBase.map { $0 + offset }, count: Int(field.count))
    }
}
