// SPDX-License-Identifier: Apache-2.0

/// The grammar of a template: text with macros in angle brackets, in the style of string templates.
///
/// `<NAME>`, `<NAME; option="value">`, `<LIST:{element|form}; separator=",">`, and
/// `<if(LIST && LIST)>…<endif>`. A backslash takes the meaning from `<`, `>`, `{`, `}` and itself, and `\t` is a tab.
struct TemplateParser {
    private var scanner: TemplateScanner
    private var nodes: [TemplateNode] = []
    private var conditionStart: Int?

    /// The pieces of a text, those that follow each other as text made one.
    static func parse(
        _ text: String,
        part: TemplateError.Part
    ) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(scanner: TemplateScanner(text, part: part))
        try parser.parseAll()
        return parser.nodes
    }

    private init(scanner: TemplateScanner) {
        self.scanner = scanner
    }

    private mutating func parseAll() throws(TemplateError) {
        while let byte = scanner.next {
            if scanner.part == .fileName, scanner.take(word: "SPLITNUM") {
                try addPartNumber(at: scanner.position - 8)
            } else if byte == UInt8(ascii: "<") {
                try parseMacro()
            } else {
                add(.text([try Self.takeTextByte(from: &scanner)]))
            }
        }
        if let conditionStart { throw scanner.error(.unclosedCondition, at: conditionStart) }
    }

    /// One byte of text, or what a backslash makes of one.
    static func takeTextByte(from scanner: inout TemplateScanner) throws(TemplateError) -> UInt8 {
        let start = scanner.position
        guard let byte = scanner.takeByte() else { throw scanner.error(.unexpectedCharacter) }
        switch byte {
        case UInt8(ascii: "\\"): return try scanner.takeEscaped()
        case 0x0A:
            guard scanner.part == .header else { throw scanner.error(.lineBreak, at: start) }
        case 0x09, 0x01:
            guard scanner.part != .fileName else { throw scanner.error(.unexpectedCharacter, at: start) }
        case 0..<0x20, 0x7F: throw scanner.error(.unexpectedCharacter, at: start)
        default: break
        }
        return byte
    }

    private mutating func add(_ node: TemplateNode) {
        if case .text(let bytes) = node, case .text(let earlier)? = nodes.last {
            nodes[nodes.count - 1] = .text(earlier + bytes)
        } else {
            nodes.append(node)
        }
    }

    private mutating func addPartNumber(at start: Int) throws(TemplateError) {
        guard !nodes.contains(.partNumber) else { throw scanner.error(.repeated("SPLITNUM"), at: start) }
        add(.partNumber)
    }

    private mutating func parseMacro() throws(TemplateError) {
        let start = scanner.position
        _ = scanner.takeByte()
        scanner.skipBlanks()
        let nameStart = scanner.position
        let name = scanner.takeName()
        guard !name.isEmpty else {
            throw scanner.error(scanner.next == nil ? .unclosedMacro : .unexpectedCharacter, at: nameStart)
        }
        guard TemplateMacro.isKnown(name) else { throw scanner.error(.unknownMacro(name), at: nameStart) }
        guard TemplateMacro.isAllowed(name, in: scanner.part) else {
            throw scanner.error(.misplacedMacro(name), at: nameStart)
        }
        switch name {
        case "if": try parseCondition(from: start)
        case "endif": try endCondition(from: start)
        default: try parseBody(of: name)
        }
        scanner.skipBlanks()
        guard scanner.take(">") else {
            throw scanner.next == nil
                ? scanner.error(.unclosedMacro, at: start) : scanner.error(.unexpectedCharacter)
        }
    }

    private mutating func parseBody(of name: String) throws(TemplateError) {
        let end = scanner.position
        if let node = TemplateMacro.constant(name) ?? TemplateMacro.ofLine(name) { return add(node) }
        if name == "SPLITNUM" { return try addPartNumber(at: end - 8) }
        if let segments = TemplateSegments(rawValue: name) {
            let form = try takeForm(plain: .segmentAlias, attribute: TemplateMacro.segmentAttribute)
            return add(.segments(segments, form))
        }
        switch name {
        case "TRAIT_LIST":
            add(.traits(try takeForm(plain: .traitNumber, attribute: TemplateMacro.traitAttribute)))
        case "DP_UUID_LIST":
            let options = try TemplateOptions(from: &scanner, known: ["separator"])
            add(.ids(separator: options["separator"]?.value ?? Self.plainSeparator))
        case "TIMESTAMP":
            let options = try TemplateOptions(from: &scanner, known: ["format"])
            guard let written = options["format"] else { return add(.timestamp(nil)) }
            guard let format = TimestampFormat(parsing: written.value) else {
                throw scanner.error(.invalidOption("format"), at: written.position)
            }
            add(.timestamp(format))
        default:
            let options = try TemplateOptions(from: &scanner, known: ["format"])
            guard let written = options["format"] else {
                throw scanner.error(.missingOption("format"), at: end)
            }
            guard let node = IDPairsFormat.node(written.value) else {
                throw scanner.error(.invalidOption("format"), at: written.position)
            }
            add(node)
        }
    }

    /// What separates elements without a form, or nobody could tell them apart; a form has its own means.
    private static let plainSeparator = [UInt8(ascii: ",")]

    private mutating func takeForm(
        plain: TemplateForm.Piece,
        attribute: (String) -> TemplateForm.Piece?
    ) throws(TemplateError) -> TemplateForm {
        let pieces = try TemplateFormParser.parse(from: &scanner, attribute: attribute)
        let options = try TemplateOptions(from: &scanner, known: ["separator"])
        let separator = options["separator"]?.value ?? (pieces == nil ? Self.plainSeparator : [])
        return TemplateForm(pieces: pieces ?? [plain], separator: separator)
    }

    private mutating func parseCondition(from start: Int) throws(TemplateError) {
        guard conditionStart == nil else { throw scanner.error(.nestedCondition, at: start) }
        conditionStart = start
        var lists: Set<TemplateSegments> = []
        scanner.skipBlanks()
        guard scanner.take("(") else { throw scanner.error(.unexpectedCharacter) }
        repeat {
            scanner.skipBlanks()
            let nameStart = scanner.position
            let name = scanner.takeName()
            guard let list = TemplateSegments(rawValue: name) else {
                throw scanner.error(.unknownCondition(name), at: nameStart)
            }
            lists.insert(list)
            scanner.skipBlanks()
        } while scanner.take(word: "&&")
        guard scanner.take(")") else { throw scanner.error(.unexpectedCharacter) }
        add(.condition(lists))
    }

    private mutating func endCondition(from start: Int) throws(TemplateError) {
        guard conditionStart != nil else { throw scanner.error(.endWithoutCondition, at: start) }
        conditionStart = nil
        add(.endOfCondition)
    }
}
