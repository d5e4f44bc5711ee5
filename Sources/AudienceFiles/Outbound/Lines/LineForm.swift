// SPDX-License-Identifier: Apache-2.0

/// The bytes of single pieces of a list's form.
enum LineForm {
    /// What a piece is for a segment; a realization time is that of the last change unless the line gives one.
    static func bytes(
        of piece: TemplateForm.Piece,
        _ segment: OutboundSegment,
        _ values: OutboundValues
    ) -> [UInt8] {
        switch piece {
        case .text(let text): text
        case .value(let value): Array(values.text(value).utf8)
        case .segmentAlias: Array(segment.alias.utf8)
        case .segmentNumber: Array(String(segment.number).utf8)
        case .lastUpdateTime, .lastRealizationTime: Array(String(segment.lastUpdateTime).utf8)
        case .traitNumber, .traitType, .traitRealizationTime: []
        }
    }

    /// What a piece is for a trait.
    static func bytes(
        of piece: TemplateForm.Piece,
        _ trait: OutboundTrait,
        _ values: OutboundValues
    ) -> [UInt8] {
        switch piece {
        case .text(let text): text
        case .value(let value): Array(values.text(value).utf8)
        case .traitNumber: Array(String(trait.number).utf8)
        case .traitType: Array(String(trait.kind.rawValue).utf8)
        case .traitRealizationTime: Array(String(trait.lastRealized).utf8)
        case .segmentAlias, .segmentNumber, .lastUpdateTime, .lastRealizationTime: []
        }
    }
}
