// SPDX-License-Identifier: Apache-2.0

/// The grammar of a line in an outbound file: `ID SEG,SEG,…[ REMOVED,…]`.
///
/// This is the default template of Audience Manager ("outbound data file contents"). If a line holds a tab then
/// tabs separate its fields and blanks belong to them; else blanks do. The list of added segments may be empty if
/// there is one of removed segments, and a separator may stand behind the last list.
package enum OutboundLineParser {
    /// Takes the lines of a block apart; the lists themselves are read with ``SegmentList``.
    ///
    /// - Parameters:
    ///   - bytes: whole lines, less than 4 GiB.
    ///   - parsed: receives one entry for each line, in order; what it held before is forgotten.
    package static func parse(_ bytes: UnsafeRawBufferPointer, into parsed: inout ParsedLines) {
        parsed.removeAll()
        LineScanner.scan(bytes) { shape in
            parsed.append(line(of: shape, in: bytes))
        }
    }

    @inline(__always)
    private static func line(of shape: LineShape, in bytes: UnsafeRawBufferPointer) -> ParsedLine {
        let hasTab = shape.tabCount > 0
        let separatorCount = hasTab ? shape.tabCount : shape.spaceCount
        let first = hasTab ? shape.firstTab : shape.firstSpace
        let second = hasTab ? shape.secondTab : shape.secondSpace
        var problem = shape.problem
        if problem == .none {
            if separatorCount == 0 {
                problem = .noSegments
            } else if first == shape.start {
                problem = .emptyID
            } else if separatorCount > 2 {
                problem = .tooManyFields
            }
        }
        guard problem == .none else { return ParsedLine(line: shape.span, problem: problem) }
        let id = ByteSpan(shape.start, first)
        let addedEnd = separatorCount == 2 ? second : shape.end
        let removedStart = separatorCount == 2 ? second &+ 1 : shape.end
        if first &+ 1 == addedEnd, removedStart == shape.end {
            problem = .noSegments
        } else if shape.hasHighBytes, !UTF8Text.isValid(id.bytes(in: bytes)) {
            problem = .invalidUTF8
        }
        return ParsedLine(
            line: shape.span,
            id: id,
            added: ByteSpan(first &+ 1, addedEnd),
            removed: ByteSpan(removedStart, shape.end),
            problem: problem
        )
    }
}
