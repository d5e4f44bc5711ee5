// SPDX-License-Identifier: Apache-2.0

/// The grammar of a list's form: `:{seg|<seg.type>,<seg.sid>}`.
enum TemplateFormParser {
    /// Reads the form behind the name of a list.
    ///
    /// - Parameters:
    ///   - scanner: stands behind the name of the list.
    ///   - attribute: the piece that an attribute of an element stands for.
    /// - Returns: the pieces of one element, or nil when no form follows.
    /// - Throws: ``TemplateError`` with the place of the mistake.
    static func parse(
        from scanner: inout TemplateScanner,
        attribute: (String) -> TemplateForm.Piece?
    ) throws(TemplateError) -> [TemplateForm.Piece]? {
        scanner.skipBlanks()
        guard scanner.take(":") else { return nil }
        scanner.skipBlanks()
        let start = scanner.position
        guard scanner.take("{") else { throw scanner.error(.unexpectedCharacter) }
        scanner.skipBlanks()
        let element = scanner.takeName()
        scanner.skipBlanks()
        guard !element.isEmpty, scanner.take("|") else { throw scanner.error(.unexpectedCharacter) }
        var pieces: [TemplateForm.Piece] = []
        while let byte = scanner.next {
            switch byte {
            case UInt8(ascii: "}"):
                _ = scanner.takeByte()
                return pieces
            case UInt8(ascii: "<"):
                append(try parseMacro(from: &scanner, element: element, attribute: attribute), to: &pieces)
            default:
                append(.text([try TemplateParser.takeTextByte(from: &scanner)]), to: &pieces)
            }
        }
        throw scanner.error(.unclosedForm, at: start)
    }

    private static func append(_ piece: TemplateForm.Piece, to pieces: inout [TemplateForm.Piece]) {
        if case .text(let bytes) = piece, case .text(let earlier)? = pieces.last {
            pieces[pieces.count - 1] = .text(earlier + bytes)
        } else {
            pieces.append(piece)
        }
    }

    private static func parseMacro(
        from scanner: inout TemplateScanner,
        element: String,
        attribute: (String) -> TemplateForm.Piece?
    ) throws(TemplateError) -> TemplateForm.Piece {
        let start = scanner.position
        _ = scanner.takeByte()
        scanner.skipBlanks()
        let nameStart = scanner.position
        let name = scanner.takeName()
        let piece: TemplateForm.Piece
        if name == element, scanner.take(".") {
            let attributeStart = scanner.position
            let attributeName = scanner.takeName()
            guard let known = attribute(attributeName) else {
                throw scanner.error(.unknownAttribute(attributeName), at: attributeStart)
            }
            piece = known
        } else {
            guard TemplateMacro.isKnown(name) else { throw scanner.error(.unknownMacro(name), at: nameStart) }
            switch TemplateMacro.constant(name) {
            case .text(let bytes) where name != "NEW_LINE": piece = .text(bytes)
            case .value(let value): piece = .value(value)
            default: throw scanner.error(.misplacedMacro(name), at: nameStart)
            }
        }
        scanner.skipBlanks()
        guard scanner.take(">") else {
            throw scanner.next == nil
                ? scanner.error(.unclosedMacro, at: start) : scanner.error(.unexpectedCharacter)
        }
        return piece
    }
}
