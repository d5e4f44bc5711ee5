// SPDX-License-Identifier: Apache-2.0

/// The records of one block, split into fields without a copy; the second stage of reading.
///
/// Reusable: make one for each thread and read one block after the other into it. The fields are slices of the
/// block; only quoted fields with doubled quotes are copied, into a buffer that belongs to this object.
package final class CSVRecords {
    /// Where a field stands; in the side buffer when the highest bit of the start is set.
    struct Field {
        static let sideBit: UInt32 = 1 << 31
        var start: UInt32
        var count: UInt32
    }

    private enum Finding {
        case fields(Int)
        case fault(CSVFault.Kind, column: Int)
    }

    /// How many fields each record must have; nil accepts any number.
    package let columnCount: Int?

    private var block: CSVBlock?
    private var fields: UnsafeMutableBufferPointer<Field>
    private var fieldCount = 0
    private var firstFields: [UInt32] = []
    private var faults: [Int: CSVFault] = [:]
    private var side: UnsafeMutableRawBufferPointer
    private var sideCount = 0

    /// Makes an empty one.
    ///
    /// - Parameter columnCount: How many fields each record must have; nil accepts any number.
    package init(columnCount: Int?) {
        self.columnCount = columnCount
        fields = .allocate(capacity: 1024)
        side = .allocate(byteCount: 0, alignment: 1)
    }

    deinit {
        fields.deallocate()
        side.deallocate()
    }

    /// The number of records, malformed ones included.
    package var count: Int { block?.count ?? 0 }

    /// The number of malformed records.
    package var faultCount: Int { faults.count }

    /// Splits the records of a block, in place of those of the block before.
    ///
    /// - Parameter block: The block, kept until the next one is read.
    package func read(_ block: CSVBlock) {
        self.block = block
        fieldCount = 0
        sideCount = 0
        faults.removeAll(keepingCapacity: true)
        firstFields.removeAll(keepingCapacity: true)
        firstFields.reserveCapacity(block.count + 1)
        let bytes = block.bytes
        let isASCII = CSVBytes.isASCII(bytes)
        let hasNUL = CSVBytes.find(0, in: bytes, from: 0, to: bytes.count) < bytes.count
        var quote = -1
        for (index, span) in block.spans.enumerated() {
            let start = Int(span.start)
            let end = Int(span.end)
            if quote < start {
                quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: start, to: bytes.count)
            }
            firstFields.append(UInt32(truncatingIfNeeded: fieldCount))
            var finding: Finding
            if span.isTooLong {
                finding = .fault(.tooLong(limit: block.recordByteLimit), column: 1)
            } else {
                let isPlain = quote >= end
                let sideStart = sideCount
                finding =
                    isPlain
                    ? splitPlain(bytes, start, end, block.separator.rawValue)
                    : splitQuoted(bytes, start, end, block.separator.rawValue)
                if !isASCII || hasNUL, let fault = textFault(bytes, start, end, block.separator.rawValue) {
                    finding = fault
                }
                if case .fields(let actual) = finding, let columnCount, actual != columnCount {
                    finding = .fault(
                        .wrongColumnCount(expected: columnCount, actual: actual),
                        column: min(actual, columnCount) + (actual > columnCount ? 1 : 0)
                    )
                }
                if case .fault = finding { sideCount = sideStart }
            }
            switch finding {
            case .fields(let actual):
                fieldCount += actual
            case .fault(let kind, let column):
                faults[index] = CSVFault(kind, line: block.firstLine + Int(span.line), column: column)
            }
        }
        firstFields.append(UInt32(truncatingIfNeeded: fieldCount))
    }

    /// The record at a position of the block.
    ///
    /// - Parameter index: The position, from 0 to less than ``count``.
    package subscript(index: Int) -> CSVRecord {
        CSVRecord(self, index)
    }

    /// Visits all records in order, malformed ones included.
    ///
    /// - Parameter body: What to do with a record, which is valid until the next block is read.
    /// - Throws: What the body throws.
    package func forEach<Failure>(_ body: (CSVRecord) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<count { try body(self[index]) }
    }
}

extension CSVRecords {
    private func splitPlain(
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ end: Int,
        _ separator: UInt8
    ) -> Finding {
        guard let base = bytes.baseAddress else { return .fields(0) }
        let pattern = 0x0101_0101_0101_0101 &* UInt64(separator)
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let limit = columnCount ?? .max
        var found = 0
        var fieldStart = start
        var position = start
        while position < end {
            // Blocks are padded, so that the last word may be read whole.
            let word = (base + position).loadUnaligned(as: UInt64.self) ^ pattern
            var matches = ~(((word & low) &+ low) | word | low)
            if end - position < 8 { matches &= (1 << UInt64((end - position) * 8)) &- 1 }
            while matches != 0 {
                let separator = position + matches.trailingZeroBitCount >> 3
                if found < limit { append(fieldStart, separator, at: found) }
                found += 1
                fieldStart = separator + 1
                matches &= matches &- 1
            }
            position += 8
        }
        if found < limit { append(fieldStart, end, at: found) }
        return .fields(found + 1)
    }

    private func splitQuoted(
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ end: Int,
        _ separator: UInt8
    ) -> Finding {
        let limit = columnCount ?? .max
        var found = 0
        var position = start
        while true {
            if position < end, bytes[position] == CSVBytes.quote {
                let fieldStart = position + 1
                guard let (closing, hasDoubled) = closingQuote(bytes, fieldStart, end) else {
                    return .fault(.unclosedQuote, column: found + 1)
                }
                position = closing + 1
                if found < limit {
                    if hasDoubled {
                        appendUnescaped(bytes, fieldStart, closing, at: found)
                    } else {
                        append(fieldStart, closing, at: found)
                    }
                }
                guard position == end || bytes[position] == separator else {
                    return .fault(.textAfterQuote, column: found + 1)
                }
            } else {
                let fieldStart = position
                while position < end, bytes[position] != separator {
                    guard bytes[position] != CSVBytes.quote else {
                        return .fault(.quoteInsideField, column: found + 1)
                    }
                    position += 1
                }
                if found < limit { append(fieldStart, position, at: found) }
            }
            found += 1
            guard position < end else { return .fields(found) }
            position += 1
        }
    }

    private func closingQuote(
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ end: Int
    ) -> (position: Int, hasDoubled: Bool)? {
        var position = start
        var hasDoubled = false
        while true {
            let quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: position, to: end)
            guard quote < end else { return nil }
            guard quote + 1 < end, bytes[quote + 1] == CSVBytes.quote else { return (quote, hasDoubled) }
            hasDoubled = true
            position = quote + 2
        }
    }

    private func append(_ start: Int, _ end: Int, at offset: Int) {
        store(
            Field(start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: end - start)),
            offset
        )
    }

    private func appendUnescaped(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int, at offset: Int) {
        if side.count < bytes.count { growSide(to: bytes.count) }
        let sideStart = sideCount
        var position = start
        while position < end {
            let quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: position, to: end)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[position..<min(quote + 1, end)])
            UnsafeMutableRawBufferPointer(rebasing: side[sideCount...]).copyMemory(from: piece)
            sideCount += piece.count
            position = quote + 2
        }
        let count = UInt32(truncatingIfNeeded: sideCount - sideStart)
        store(Field(start: UInt32(truncatingIfNeeded: sideStart) | Field.sideBit, count: count), offset)
    }

    @inline(__always)
    private func store(_ field: Field, _ offset: Int) {
        let index = fieldCount + offset
        if index >= fields.count { growFields() }
        fields[index] = field
    }

    private func growFields() {
        let larger = UnsafeMutableBufferPointer<Field>.allocate(capacity: fields.count * 2)
        _ = larger.moveInitialize(fromContentsOf: fields)
        fields.deallocate()
        fields = larger
    }

    private func growSide(to byteCount: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: side[..<sideCount]))
        side.deallocate()
        side = larger
    }

    /// The zero byte or the wrong UTF-8 of a record, if it has any.
    private func textFault(
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ end: Int,
        _ separator: UInt8
    ) -> Finding? {
        let record = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        let nul = CSVBytes.find(0, in: record, from: 0, to: record.count)
        let invalid = CSVBytes.invalidUTF8(in: record) ?? record.count
        let position = min(nul, invalid)
        guard position < record.count else { return nil }
        var isInQuotes = false
        var column = 1
        for byte in record[..<position] {
            if byte == CSVBytes.quote { isInQuotes.toggle() }
            if byte == separator, !isInQuotes { column += 1 }
        }
        return .fault(nul < invalid ? .nulByte : .invalidUTF8, column: column)
    }

    /// What a ``CSVRecord`` needs to know about the record at a position.
    func parts(
        at index: Int
    ) -> (
        number: Int, line: Int, fault: CSVFault?, bytes: UnsafeRawBufferPointer,
        fields: UnsafeBufferPointer<Field>
    ) {
        guard let block else { preconditionFailure("no block was read") }
        let span = block.spans[index]
        let range = Int(firstFields[index])..<Int(firstFields[index + 1])
        return (
            block.firstRecord + index, block.firstLine + Int(span.line),
            faults.isEmpty ? nil : faults[index],
            UnsafeRawBufferPointer(rebasing: block.bytes[Int(span.start)..<Int(span.end)]),
            UnsafeBufferPointer(rebasing: UnsafeBufferPointer(fields)[range])
        )
    }

    /// The start of the block that was read.
    var blockBase: UnsafeRawPointer? { block?.bytes.baseAddress }

    /// The start of the unescaped fields.
    var sideBase: UnsafeRawPointer? { UnsafeRawPointer(side.baseAddress) }
}
