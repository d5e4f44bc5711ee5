// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A destination's template made ready for the lines of one export.
///
/// Fixed once made, so any number of workers may use it, each with ``RenderedLines`` of its own. A line costs no
/// allocation unless the template asks for details.
// @unchecked: the buffers are only written in init.
package final class LineRenderer: @unchecked Sendable {
    /// What the lines of a template are made of besides the ID.
    package struct Needs: OptionSet, Sendable, Hashable {
        package let rawValue: Int

        package init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// The segments that a person is in.
        package static let added = Needs(rawValue: 1)

        /// The segments that a person was removed from.
        package static let removed = Needs(rawValue: 2)

        /// The time at which each segment was realized last.
        package static let realizationTimes = Needs(rawValue: 4)

        /// The visitor ID, besides the ID of the key data source.
        package static let visitorID = Needs(rawValue: 8)

        /// All IDs in one or more data sources.
        package static let otherIDs = Needs(rawValue: 16)

        /// The traits of a person.
        package static let traits = Needs(rawValue: 32)

        /// What is asked from ``OutboundLineDetails``.
        package static let details: Needs = [.visitorID, .otherIDs, .traits]
    }

    /// What the lines are made of.
    package let needs: Needs

    /// Whether lines can say that a person left a segment.
    package let saysRemovals: Bool

    let values: OutboundValues
    let segments: [OutboundSegment]
    let forms: [TemplateForm]
    let idPairs: [LineProgram.IDPairs]
    let pool: UnsafeMutableRawBufferPointer
    private let steps: UnsafeMutableBufferPointer<LineProgram.Step>
    private let elements: UnsafeMutableBufferPointer<ByteSpan>
    private let writableID: WritableID
    private let isByVisitorID: Bool
    private let segmentCount: UInt32
    private let fixedByteCount: Int
    private let idCount: Int
    private let bytesPerAdded: Int
    private let bytesPerRemoved: Int

    /// A renderer for one export.
    ///
    /// - Parameters:
    ///   - template: how lines are written.
    ///   - values: what is the same in all of them.
    ///   - segments: the segments that lines refer to by their position.
    /// - Throws: ``AudienceFileError/unwritableValue(line:column:)`` with the position, from 1, of a segment whose alias
    ///   is empty or holds a separator, or 0 when the destination's alias holds a control character.
    package init(
        _ template: OutboundTemplate,
        values: OutboundValues,
        segments: [OutboundSegment]
    ) throws(AudienceFileError) {
        if let alias = values.alias, alias.utf8.contains(where: { $0 < 0x20 }) {
            throw .unwritableValue(line: 0, column: 1)
        }
        if let position = segments.firstIndex(where: { !$0.hasWritableAlias }) {
            throw .unwritableValue(line: position + 1, column: 1)
        }
        let program = LineProgram(template.contentNodes, values: values, segments: segments)
        self.values = values
        self.segments = segments
        needs = program.needs
        forms = program.forms
        idPairs = program.idPairs
        pool = .allocate(byteCount: program.bytes.count + LineCursor.slackByteCount, alignment: 64)
        pool.initializeMemory(as: UInt8.self, repeating: 0)
        pool.copyBytes(from: program.bytes)
        steps = .allocate(capacity: program.steps.count)
        _ = steps.initialize(fromContentsOf: program.steps)
        elements = .allocate(capacity: program.elements.count)
        _ = elements.initialize(fromContentsOf: program.elements)
        writableID = WritableID(endings: program.endings)
        isByVisitorID = program.isByVisitorID
        saysRemovals = program.saysRemovals
        segmentCount = UInt32(segments.count)
        fixedByteCount = program.fixedByteCount
        idCount = program.idCount
        bytesPerAdded = program.bytesPerAdded
        bytesPerRemoved = program.bytesPerRemoved
    }

    deinit {
        pool.deallocate()
        steps.deallocate()
        elements.deallocate()
    }

    /// Adds a line, unless it could not be read back; then nothing is added.
    ///
    /// - Parameters:
    ///   - line: what it is made of.
    ///   - details: asked only for what ``needs`` says.
    ///   - lines: where it goes.
    /// - Returns: `none`, or why there is no line: ``LineProblem/emptyID``, also for a person without a visitor ID where
    ///   the template names people by nothing else, ``LineProblem/forbiddenCharacter`` for a control character or the byte that ends an ID, ``LineProblem/invalidUTF8``, ``LineProblem/noSegments`` when
    ///   all lists of the template would be empty, or when it has none and the person only left segments, or ``LineProblem/tooLong``.
    package func append(
        _ line: OutboundLine,
        details: (any OutboundLineDetails)? = nil,
        to lines: RenderedLines
    ) -> LineProblem {
        let problem = writableID.problem(of: line.id)
        guard problem == .none else { return problem }
        let hasSegments =
            (needs.contains(.added) && !line.added.isEmpty)
            || (needs.contains(.removed) && !line.removed.isEmpty)
        let mayHaveNone =
            needs.isDisjoint(with: [.added, .removed])
            && (saysRemovals || !line.added.isEmpty || line.removed.isEmpty)
        guard hasSegments || mayHaveNone else { return .noSegments }
        if isByVisitorID, !hasVisitorID(line.person, details) { return .emptyID }
        var cursor = lines.cursor
        let start = cursor.count
        let byteCount = largestByteCount(of: line)
        cursor.reserve(byteCount)
        var position = 0
        while position < steps.count {
            switch steps[position] {
            case .text(let span): cursor.putPadded(address(of: span), Int(span.length))
            case .id: cursor.put(line.id)
            case .segments(.added, let first, let separatorByteCount):
                put(line.added, first, separatorByteCount, into: &cursor)
            case .segments(.removed, let first, let separatorByteCount):
                put(line.removed, first, separatorByteCount, into: &cursor)
            case .condition(let added, let removed, let stepCount):
                let isMet = !(added && line.added.isEmpty) && !(removed && line.removed.isEmpty)
                if !isMet { position += stepCount }
            default:
                putDetails(steps[position], of: line, details, into: &cursor)
                cursor.reserve(byteCount)
            }
            position += 1
        }
        cursor.put(0x0A)
        let isOneLine = needs.isDisjoint(with: .details) || Self.isOneLine(cursor, from: start)
        let isTooLong = cursor.count - start > LineLimits.lineByteCount + 1
        if isOneLine && !isTooLong { lines.count += 1 } else { cursor.count = start }
        lines.cursor = cursor
        return !isOneLine ? .forbiddenCharacter : isTooLong ? .tooLong : .none
    }

    /// Why no line can name an ID, whatever else it says.
    ///
    /// - Returns: `none`, ``LineProblem/emptyID``, ``LineProblem/forbiddenCharacter`` or ``LineProblem/invalidUTF8``.
    package func problem(of id: UnsafeRawBufferPointer) -> LineProblem { writableID.problem(of: id) }

    @inline(__always)
    private func largestByteCount(of line: OutboundLine) -> Int {
        fixedByteCount &+ idCount &* line.id.count &+ line.added.count &* bytesPerAdded
            &+ line.removed.count &* bytesPerRemoved
    }

    @inline(__always)
    private func address(of span: ByteSpan) -> UnsafeRawPointer {
        // The pool always has its slack, so it has an address.
        UnsafeRawPointer(pool.baseAddress.unsafelyUnwrapped) + Int(span.offset)
    }

    @inline(__always)
    private func put(
        _ list: UnsafeBufferPointer<UInt32>,
        _ first: Int,
        _ separatorByteCount: Int,
        into cursor: inout LineCursor
    ) {
        var skipped = separatorByteCount
        for segment in list {
            precondition(segment < segmentCount, "a line refers to segments of the renderer")
            let span = elements[first &+ Int(segment)]
            cursor.putPadded(address(of: span) + skipped, Int(span.length) &- skipped)
            skipped = 0
        }
    }

    /// Whether a line that just got its newline has no other one.
    private static func isOneLine(_ cursor: LineCursor, from start: Int) -> Bool {
        memchr(cursor.base + start, 0x0A, cursor.count - start - 1) == nil
    }
}
