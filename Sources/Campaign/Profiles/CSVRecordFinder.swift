// SPDX-License-Identifier: Apache-2.0

/// Where one record of a block stands.
struct CSVRecordSpan {
    /// The offset of its first byte in the block.
    var start: UInt32
    /// The offset after its last byte, without the line ending.
    var end: UInt32
    /// The number of lines of the block before it.
    var line: UInt32
    /// Whether the line is longer than the limit, so that only its first bytes are in the block.
    var isTooLong = false
}

/// Finds where records begin and end: line ends outside quotes (RFC 4180).
///
/// A quote opens a quoted field only as the first byte of the field. A record whose quotes are not well-formed, or
/// whose quoted field does not end within the limit of a record, is cut off at the end of its first line, so that
/// one bad quote costs one line and not the rest of the file. No two such records look at the same bytes more than
/// a constant number of times, so the time stays linear for any input.
struct CSVRecordFinder {
    /// How much of the given bytes was used up.
    struct Outcome {
        /// The number of bytes that belong to the found records and blank lines.
        var consumed: Int
        /// Whether the last found record goes on after the given bytes and is to be skipped to its line end.
        var isCutOff = false
    }

    private enum Ending {
        case at(Int)
        case broken
        case outOfBytes
    }

    /// How many bytes of a line that is too long are kept.
    static let keptByteCount = 1024

    let separator: UInt8
    let recordByteLimit: Int

    /// The found records, in order.
    var spans: ContiguousArray<CSVRecordSpan> = []

    /// The number of lines that the found records and blank lines have.
    var lineCount = 0

    /// Finds all complete records.
    ///
    /// - Parameters:
    ///   - bytes: The bytes from the start of a record on.
    ///   - isAtEnd: Whether the file ends with these bytes.
    ///   - maximum: After how many records to stop.
    /// - Returns: How many bytes were used up; those after them are to be given again, with more.
    mutating func find(in bytes: UnsafeRawBufferPointer, isAtEnd: Bool, maximum: Int = .max) -> Outcome {
        let count = bytes.count
        var position = 0
        var quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: 0, to: count)
        while position < count, spans.count < maximum {
            let newline = CSVBytes.find(CSVBytes.newline, in: bytes, from: position, to: count)
            if quote < position {
                quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: position, to: count)
            }
            var end = newline
            if quote < newline {
                let window = min(count, position + recordByteLimit + 2)
                switch ending(of: position, quote: quote, in: bytes, window: window, isAtEnd: isAtEnd) {
                case .at(let found) where found - position <= recordByteLimit:
                    end = found
                case .outOfBytes where !isAtEnd && count - position <= recordByteLimit:
                    return Outcome(consumed: position)
                default:
                    break
                }
            }
            if end == count, !isAtEnd {
                guard count - position > recordByteLimit else { return Outcome(consumed: position) }
                append(position, end, in: bytes)
                lineCount += 1
                return Outcome(consumed: count, isCutOff: true)
            }
            append(position, end, in: bytes)
            lineCount += 1
            if newline < end { lineCount += newlines(in: bytes, from: newline, to: end) }
            position = end + 1
        }
        return Outcome(consumed: min(position, count))
    }

    private mutating func append(_ start: Int, _ newline: Int, in bytes: UnsafeRawBufferPointer) {
        var end = newline
        if end > start, bytes[end - 1] == CSVBytes.carriageReturn { end -= 1 }
        guard end > start else { return }
        let isTooLong = newline - start > recordByteLimit
        if isTooLong { end = min(end, start + Self.keptByteCount) }
        spans.append(
            CSVRecordSpan(
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end),
                line: UInt32(truncatingIfNeeded: lineCount),
                isTooLong: isTooLong
            )
        )
    }

    /// The end of a record that has quotes.
    ///
    /// - Parameters:
    ///   - start: Where the record starts.
    ///   - quote: Where its first quote is.
    ///   - bytes: The bytes.
    ///   - window: Up to where to look.
    ///   - isAtEnd: Whether the file ends with the bytes.
    /// - Returns: The position of its line end, or of the end of the file.
    private func ending(
        of start: Int,
        quote: Int,
        in bytes: UnsafeRawBufferPointer,
        window: Int,
        isAtEnd: Bool
    ) -> Ending {
        let isWhole = isAtEnd && window == bytes.count
        var fieldStart = start
        var quote = quote
        var newline = start
        while true {
            guard quote == fieldStart || bytes[quote - 1] == separator else { return .broken }
            guard let closing = closingQuote(after: quote, in: bytes, window: window, isWhole: isWhole) else {
                return .outOfBytes
            }
            let next = closing + 1
            guard next < window else { return isWhole ? .at(next) : .outOfBytes }
            switch bytes[next] {
            case separator:
                fieldStart = next + 1
            case CSVBytes.newline:
                return .at(next)
            case CSVBytes.carriageReturn:
                guard next + 1 < window else { return isWhole ? .at(next + 1) : .outOfBytes }
                return bytes[next + 1] == CSVBytes.newline ? .at(next + 1) : .broken
            default:
                return .broken
            }
            if newline < fieldStart {
                newline = CSVBytes.find(CSVBytes.newline, in: bytes, from: fieldStart, to: window)
            }
            quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: fieldStart, to: newline)
            if quote == newline {
                guard newline == window else { return .at(newline) }
                return isWhole ? .at(newline) : .outOfBytes
            }
        }
    }

    /// The quote that ends a quoted field, behind doubled ones; nil when the window ends before it is certain.
    private func closingQuote(
        after opening: Int,
        in bytes: UnsafeRawBufferPointer,
        window: Int,
        isWhole: Bool
    ) -> Int? {
        var position = opening + 1
        while true {
            let quote = CSVBytes.find(CSVBytes.quote, in: bytes, from: position, to: window)
            guard quote < window else { return nil }
            guard quote + 1 < window else { return isWhole ? quote : nil }
            guard bytes[quote + 1] == CSVBytes.quote else { return quote }
            position = quote + 2
        }
    }

    private func newlines(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        var count = 0
        for position in start..<end where bytes[position] == CSVBytes.newline { count += 1 }
        return count
    }
}
