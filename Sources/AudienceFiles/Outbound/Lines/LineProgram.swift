// SPDX-License-Identifier: Apache-2.0

/// A template's line as a flat list of steps, with every byte that is known before the first line.
struct LineProgram {
    /// One step; its spans lie in ``bytes``.
    enum Step {
        /// Bytes as they are.
        case text(ByteSpan)

        /// The ID in the key data source.
        case id

        /// The visitor ID.
        case visitorID

        /// The segments of one list; those of ``elements`` from here on are this list's, one for each segment.
        case segments(TemplateSegments, firstElement: Int, separatorByteCount: Int)

        /// The segments that the person is in, with the time of each.
        case timedSegments(form: Int)

        /// The traits of the person.
        case traits(form: Int)

        /// All IDs in the key data source.
        case ids(separator: ByteSpan)

        /// Pairs of data source and ID.
        case idPairs(format: Int)

        /// Passes over so many steps unless these lists have entries.
        case condition(added: Bool, removed: Bool, stepCount: Int)
    }

    /// How pairs of data source and ID are chosen.
    struct IDPairs {
        var dataSources: [Int]
        var maximumCount: Int
    }

    private(set) var steps: [Step] = []
    private(set) var bytes: [UInt8] = []

    /// The elements of lists, each with the separator in front of it.
    private(set) var elements: [ByteSpan] = []
    private(set) var forms: [TemplateForm] = []
    private(set) var idPairs: [IDPairs] = []
    private(set) var needs: LineRenderer.Needs = []

    /// The bytes that follow an ID.
    let endings: Set<UInt8>

    /// The most bytes of a line besides IDs and segments.
    private(set) var fixedByteCount = 1
    private(set) var idCount = 0

    /// Whether a line of somebody who only leaves segments differs from one of somebody who comes.
    private(set) var saysRemovals = false

    /// Whether lines name people by a visitor ID alone, which not everybody has.
    private(set) var isByVisitorID = false
    private(set) var bytesPerAdded = 0
    private(set) var bytesPerRemoved = 0

    private let values: OutboundValues
    private let segments: [OutboundSegment]
    private var conditionStep: Int?

    init(_ nodes: [TemplateNode], values: OutboundValues, segments: [OutboundSegment]) {
        self.values = values
        self.segments = segments
        let kept = values.mode == .full ? Self.withoutRemovals(nodes) : nodes
        // Also those that only lines with removals have: who is told of in a full file may have to leave by another one.
        var endings = LineNaming(nodes).endings
        for case .ids(let separator) in nodes { endings.formUnion(separator.prefix(1)) }
        self.endings = endings
        for node in kept { add(node) }
        saysRemovals =
            needs.contains(.removed) || kept.contains { if case .condition = $0 { true } else { false } }
        isByVisitorID = needs.contains(.visitorID) && !needs.contains(.otherIDs) && idCount == 0
    }

    /// In a full file nobody is removed: what lists removals goes, and what is written on condition of them.
    private static func withoutRemovals(_ nodes: [TemplateNode]) -> [TemplateNode] {
        var isLeftOut = false
        return nodes.filter { node in
            switch node {
            case .condition(let lists) where lists.contains(.removed): isLeftOut = true
            case .endOfCondition where isLeftOut:
                isLeftOut = false
                return false
            case .segments(.removed, _): return false
            default: break
            }
            return !isLeftOut
        }
    }

    private mutating func add(_ node: TemplateNode) {
        switch node {
        case .text(let text): addText(text)
        case .value(let value): addText(Array(values.text(value).utf8))
        case .timestamp(let format): addText(Array(values.timestampText(format).utf8))
        case .partNumber: break
        case .id: addID()
        case .visitorID where values.key == .visitorID: addID()
        case .visitorID:
            needs.insert(.visitorID)
            steps.append(.visitorID)
        case .segments(let list, let form): addSegments(list, form)
        case .traits(let form):
            needs.insert(.traits)
            forms.append(form)
            steps.append(.traits(form: forms.count - 1))
        case .ids(let separator):
            needs.insert(.otherIDs)
            steps.append(.ids(separator: span(of: separator)))
        case .idPairs(let dataSources, let maximumCount):
            needs.insert(.otherIDs)
            idPairs.append(IDPairs(dataSources: dataSources, maximumCount: maximumCount))
            steps.append(.idPairs(format: idPairs.count - 1))
        case .condition(let lists):
            conditionStep = steps.count
            steps.append(
                .condition(added: lists.contains(.added), removed: lists.contains(.removed), stepCount: 0)
            )
        case .endOfCondition:
            guard let start = conditionStep, case .condition(let added, let removed, _) = steps[start] else {
                return
            }
            steps[start] = .condition(added: added, removed: removed, stepCount: steps.count - start - 1)
            conditionStep = nil
        }
    }

    private mutating func addText(_ text: [UInt8]) {
        fixedByteCount += text.count
        steps.append(.text(span(of: text)))
    }

    private mutating func addID() {
        idCount += 1
        steps.append(.id)
    }

    private mutating func addSegments(_ list: TemplateSegments, _ form: TemplateForm) {
        needs.insert(list == .added ? .added : .removed)
        var form = form
        if list == .removed {
            form.pieces = form.pieces.map { $0 == .lastRealizationTime ? .lastUpdateTime : $0 }
        }
        guard !form.pieces.contains(.lastRealizationTime) else {
            needs.insert(.realizationTimes)
            forms.append(form)
            return steps.append(.timedSegments(form: forms.count - 1))
        }
        let first = elements.count
        var largest = 0
        for segment in segments {
            let element = form.separator + form.pieces.flatMap { LineForm.bytes(of: $0, segment, values) }
            largest = max(largest, element.count)
            elements.append(span(of: element))
        }
        if list == .added { bytesPerAdded += largest } else { bytesPerRemoved += largest }
        steps.append(.segments(list, firstElement: first, separatorByteCount: form.separator.count))
    }

    private mutating func span(of text: [UInt8]) -> ByteSpan {
        let start = bytes.count
        bytes += text
        return ByteSpan(start, bytes.count)
    }
}
