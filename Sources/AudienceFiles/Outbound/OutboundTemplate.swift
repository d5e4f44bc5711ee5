// SPDX-License-Identifier: Apache-2.0

/// How a destination's files are called and written: file name, header and lines, with macros in angle brackets.
///
/// After Audience Manager, "outbound template macros". Parsed once; what differs from line to line is written by the
/// ``LineRenderer`` made of it.
package struct OutboundTemplate: Sendable, Hashable {
    /// The file name as written.
    package let fileName: String

    /// The header as written, if there is one.
    package let header: String?

    /// The line as written.
    package let content: String

    private let nameNodes: [TemplateNode]
    private let headerNodes: [TemplateNode]
    let contentNodes: [TemplateNode]

    /// A template read from its three texts.
    ///
    /// - Parameters:
    ///   - fileName: the name of the files without `.gz`. `SPLITNUM`, with or without brackets, says where the number
    ///     of a part goes; without it the number follows `TIMESTAMP`, or else stands before the extension.
    ///   - header: one or more lines at the start of each file.
    ///   - content: one line, without its end.
    /// - Throws: the first mistake with its place.
    package init(fileName: String, header: String? = nil, content: String) throws(TemplateError) {
        nameNodes = try TemplateParser.parse(fileName, part: .fileName)
        headerNodes = try TemplateParser.parse(header ?? "", part: .header)
        contentNodes = try TemplateParser.parse(content, part: .content)
        self.fileName = fileName
        self.header = header
        self.content = content
    }

    /// The data sources whose IDs the lines list by number, besides that of the IDs that they are about.
    package var dataSources: Set<Int> {
        contentNodes.reduce(into: []) { found, node in
            if case .idPairs(let dataSources, _) = node { found.formUnion(dataSources) }
        }
    }

    /// Refuses a content whose lines a reader could not tie to the IDs that they are about.
    ///
    /// Every line has to name its ID, whichever lists it has, with something before and behind it that ends neighbours.
    ///
    /// - Parameters:
    ///   - key: what the IDs of the key data source are; `UUID` and `MCID` name only visitor IDs.
    ///   - lists: the numbers under which a list of a person's IDs has that ID and no other one of its data source; then
    ///     the list names it, too.
    /// - Throws: ``TemplateProblem/unnamedLine`` or ``TemplateProblem/unseparatedID``, at byte 0.
    package func confirmNamesIDs(
        of key: OutboundValues.Key,
        aloneIn lists: Set<Int>
    ) throws(TemplateError) {
        let problem = LineNaming(contentNodes).problem { node in
            switch node {
            case .id: true
            case .visitorID: key == .visitorID
            case .ids: !lists.isEmpty
            case .idPairs(let dataSources, _): !lists.isDisjoint(with: dataSources)
            default: false
            }
        }
        if let problem { throw TemplateError(part: .content, byte: 0, problem: problem) }
    }

    /// The names of the files of an export.
    ///
    /// - Throws: a ``TemplateError`` when the names could not be those of files.
    package func fileNames(_ values: OutboundValues, isGzip: Bool) throws(TemplateError) -> OutboundFileNames
    {
        let behindTimestamp = nameNodes.lastIndex(where: \.isTimestamp).map { $0 + 1 }
        let cut = nameNodes.firstIndex(of: .partNumber) ?? behindTimestamp
        var front = Self.text(of: nameNodes[..<(cut ?? nameNodes.count)], values)
        var back = Self.text(of: nameNodes[(cut ?? nameNodes.count)...], values)
        if back.hasSuffix(".gz") { back.removeLast(3) }
        if cut == nil, let dot = front.lastIndex(of: ".") {
            back = String(front[dot...])
            front = String(front[..<dot])
        }
        return try OutboundFileNames(front: front, back: back, isGzip: isGzip)
    }

    /// The lines at the start of each file of an export; empty without a header.
    package func headerLines(_ values: OutboundValues) -> [UInt8] {
        let text = Array(Self.text(of: headerNodes[...], values).utf8)
        return text.isEmpty || text.last == 0x0A ? text : text + [0x0A]
    }

    private static func text(of nodes: ArraySlice<TemplateNode>, _ values: OutboundValues) -> String {
        nodes.map { node in
            switch node {
            case .text(let bytes): String(decoding: bytes, as: UTF8.self)
            case .value(let value): values.text(value)
            case .timestamp(let format): values.timestampText(format)
            default: ""
            }
        }
        .joined()
    }
}

extension TemplateNode {
    fileprivate var isTimestamp: Bool {
        if case .timestamp = self { return true }
        return false
    }
}
