// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The grammar of a line in an inbound file: `<user ID><tab><signal>[,<signal>…]`.
///
/// After Audience Manager, "inbound data file contents". Lines of the partner variant start with one more column.
package enum InboundLineParser {
    /// Takes the lines of a block apart; `added` is the list of signals, read with ``SignalList``.
    ///
    /// - Parameters:
    ///   - bytes: whole lines, less than 4 GiB.
    ///   - hasIDTypeColumn: whether each line starts with the type of its ID, as in the partner variant.
    ///   - parsed: receives one entry for each line, in order; what it held before is forgotten.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer,
        hasIDTypeColumn: Bool = false,
        into parsed: inout ParsedLines
    ) {
        parsed.removeAll()
        LineScanner.scan(bytes) { shape in
            parsed.append(line(of: shape, hasIDTypeColumn: hasIDTypeColumn, in: bytes))
        }
    }

    @inline(__always)
    private static func line(
        of shape: LineShape,
        hasIDTypeColumn: Bool,
        in bytes: UnsafeRawBufferPointer
    ) -> ParsedLine {
        let wantedTabCount = hasIDTypeColumn ? 2 : 1
        let idStart = hasIDTypeColumn ? shape.firstTab &+ 1 : shape.start
        let idEnd = hasIDTypeColumn ? shape.secondTab : shape.firstTab
        var problem = shape.problem
        if problem == .none {
            if shape.tabCount < wantedTabCount {
                problem = .noSegments
            } else if idStart == idEnd {
                problem = .emptyID
            } else if shape.tabCount > wantedTabCount {
                problem = .tooManyFields
            } else if idEnd &+ 1 == shape.end {
                problem = .noSegments
            }
        }
        guard problem == .none else { return ParsedLine(line: shape.span, problem: problem) }
        let id = ByteSpan(idStart, idEnd)
        if holdsColon(id.bytes(in: bytes)) {
            problem = .forbiddenCharacter
        } else if shape.hasHighBytes, !UTF8Text.isValid(id.bytes(in: bytes)) {
            problem = .invalidUTF8
        }
        return ParsedLine(
            line: shape.span,
            id: id,
            added: ByteSpan(idEnd &+ 1, shape.end),
            removed: ByteSpan(shape.end, shape.end),
            problem: problem
        )
    }

    /// Whether an ID holds a colon, plain or percent-encoded.
    private static func holdsColon(_ id: UnsafeRawBufferPointer) -> Bool {
        guard let start = id.baseAddress else { return false }
        if memchr(start, 0x3A, id.count) != nil { return true }
        guard memchr(start, 0x25, id.count) != nil else { return false }
        return id.indices.contains {
            id[$0...].starts(with: "%3A".utf8) || id[$0...].starts(with: "%3a".utf8)
        }
    }
}
