// SPDX-License-Identifier: Apache-2.0

/// Where the lines of a content name IDs, and what separates these from their neighbours.
///
/// Conditions and empty lists leave pieces out, so every kind of line is looked at on its own.
struct LineNaming {
    /// The pieces of each kind of line that there may be, without what is left out of it.
    private let lines: [[TemplateNode]]

    /// The bytes that follow an ID in any line; an ID that holds one of them could not be read back.
    let endings: Set<UInt8>

    /// Looks at the pieces of a content.
    init(_ nodes: [TemplateNode]) {
        let isRemovalWritten = nodes.contains { $0.lists(.removed) } || !nodes.contains { $0.lists(.added) }
        var lines = [[TemplateSegments.added], TemplateSegments.allCases].map { Self.pieces(of: nodes, $0) }
        if isRemovalWritten { lines.append(Self.pieces(of: nodes, [.removed])) }
        self.lines = lines
        endings = lines.reduce(into: []) { endings, line in
            for position in line.indices where line[position].writesID {
                endings.formUnion(Self.endings(behind: position, in: line) ?? [])
            }
        }
    }

    /// Finds out what is wrong with lines that have to name the ID that they are about.
    ///
    /// - Parameter names: whether a piece names that ID, alone or in quotation marks with its data source.
    /// - Returns: nil if every line names it and a reader can tell where it begins and ends.
    func problem(where names: (TemplateNode) -> Bool) -> TemplateProblem? {
        let places = lines.map { line in line.indices.filter { names(line[$0]) } }
        guard !places.contains(where: \.isEmpty) else { return .unnamedLine }
        let isSeparated = zip(lines, places).allSatisfy { line, places in
            places.contains { place in
                if case .idPairs = line[place] { return true }
                return Self.endings(behind: place, in: line) != nil && Self.isBegun(place, in: line)
            }
        }
        return isSeparated ? nil : .unseparatedID
    }

    /// What is left of the pieces in a line in which just these lists have entries.
    private static func pieces(of nodes: [TemplateNode], _ filled: [TemplateSegments]) -> [TemplateNode] {
        var isLeftOut = false
        return nodes.filter { node in
            switch node {
            case .condition(let lists):
                isLeftOut = !lists.isSubset(of: filled)
                return false
            case .endOfCondition:
                isLeftOut = false
                return false
            case .segments(let list, _): return !isLeftOut && filled.contains(list)
            default: return !isLeftOut
            }
        }
    }

    /// The bytes that may follow an ID, none at the end of the line; nil if nothing separates it from what follows.
    private static func endings(behind position: Int, in line: [TemplateNode]) -> Set<UInt8>? {
        var endings: Set<UInt8> = []
        for node in line[(position + 1)...] {
            switch node {
            case .text(let bytes):
                guard let first = bytes.first else { continue }
                endings.insert(first)
                // Inside quotation marks a backslash takes the meaning from what follows it.
                if first == UInt8(ascii: "\"") { endings.insert(UInt8(ascii: "\\")) }
                return endings
            case .idPairs:
                return endings.union([UInt8(ascii: "[")])
            case .segments(_, let form):
                guard let first = form.pieces.first?.textBytes?.first else { return nil }
                return endings.union([first])
            case .traits(let form):
                guard let first = form.pieces.first?.textBytes?.first else { return nil }
                // Who has no trait has nothing there.
                endings.insert(first)
            default: return nil
            }
        }
        return endings
    }

    /// Whether a reader can tell where an ID begins: what stands before it is the same in the whole file, or ends itself.
    private static func isBegun(_ position: Int, in line: [TemplateNode]) -> Bool {
        for node in line[..<position].reversed() {
            switch node {
            case .text, .value, .timestamp, .idPairs: return true
            case .segments(_, let form): return form.pieces.last?.textBytes != nil
            case .traits(let form):
                guard form.pieces.last?.textBytes != nil else { return false }
            default: return false
            }
        }
        return true
    }
}

extension TemplateNode {
    /// Whether an ID is written as it is.
    fileprivate var writesID: Bool {
        switch self {
        case .id, .visitorID, .ids: true
        default: false
        }
    }

    fileprivate func lists(_ list: TemplateSegments) -> Bool {
        if case .segments(list, _) = self { return true }
        return false
    }
}

extension TemplateForm.Piece {
    fileprivate var textBytes: [UInt8]? {
        if case .text(let bytes) = self, !bytes.isEmpty { return bytes }
        return nil
    }
}
