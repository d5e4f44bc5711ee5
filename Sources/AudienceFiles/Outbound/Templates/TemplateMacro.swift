// SPDX-License-Identifier: Apache-2.0

/// The macros that stand for one thing and take no option.
///
/// After Audience Manager, "outbound template macros"; `COMMA` and `seg.alias` only occur in its examples. What the
/// vendor calls deprecated is written as its example shows (`OPT_OUT` 0) or as the constant that took its place.
enum TemplateMacro {
    /// The piece that a macro stands for wherever it stands, or nil.
    static func constant(_ name: String) -> TemplateNode? {
        switch name {
        case "ASCII_SOH": .text([0x01])
        case "TAB": .text([0x09])
        case "NEW_LINE": .text([0x0A])
        case "COMMA": .text([UInt8(ascii: ",")])
        case "OPEN_CURLY_BRACKET": .text([UInt8(ascii: "{")])
        case "CLOSE_CURLY_BRACKET": .text([UInt8(ascii: "}")])
        case "SET_ATTRIBUTES", "OUTPUT_ATTRIBUTE_VALUE": .text([UInt8(ascii: "1")])
        case "OPT_OUT": .text([UInt8(ascii: "0")])
        case "OUTPUT_ATTRIBUTE_TYPE": .text([UInt8(ascii: "5")])
        case "DPID": .value(.dataProvider)
        case "MASTER_DPID": .value(.keyDataSource)
        case "ORDER_ID": .value(.destination)
        case "PID": .value(.partner)
        case "PIDALIAS", "PID_ALIAS": .value(.alias)
        case "SYNC_MODE": .value(.mode)
        case "SYNC_TYPE": .value(.syncType)
        default: nil
        }
    }

    /// The macros that only content has, besides the lists.
    static func ofLine(_ name: String) -> TemplateNode? {
        switch name {
        case "DP_UUID": .id
        case "UUID", "MCID": .visitorID
        default: nil
        }
    }

    /// Whether a text of the template may have this macro.
    static func isAllowed(_ name: String, in part: TemplateError.Part) -> Bool {
        switch part {
        case .fileName: !["ASCII_SOH", "TAB", "NEW_LINE"].contains(name) && !contentOnly.contains(name)
        case .header: name != "SPLITNUM" && !contentOnly.contains(name)
        case .content: name != "SPLITNUM" && name != "NEW_LINE"
        }
    }

    /// Whether the macro exists at all.
    static func isKnown(_ name: String) -> Bool {
        constant(name) != nil || contentOnly.contains(name) || ["TIMESTAMP", "SPLITNUM"].contains(name)
    }

    /// The piece of an element that an attribute of `SEGMENT_LIST` stands for.
    static func segmentAttribute(_ name: String) -> TemplateForm.Piece? {
        switch name {
        case "sid", "segmentId", "csegid": .segmentNumber
        case "alias": .segmentAlias
        case "type": .text([UInt8(ascii: "5")])
        case "lastUpdateTime": .lastUpdateTime
        case "lastRealizationTime": .lastRealizationTime
        default: nil
        }
    }

    /// The piece of an element that an attribute of `TRAIT_LIST` stands for.
    static func traitAttribute(_ name: String) -> TemplateForm.Piece? {
        switch name {
        case "traitId", "Id", "sid": .traitNumber
        case "type": .traitType
        case "lastRealized": .traitRealizationTime
        default: nil
        }
    }

    /// All macros but the words of conditions, by alphabet.
    static let names = [
        "ASCII_SOH", "CLOSE_CURLY_BRACKET", "COMMA", "DPID", "DPUUIDS", "DP_UUID", "DP_UUID_LIST",
        "MASTER_DPID", "MCID", "NEW_LINE", "OPEN_CURLY_BRACKET", "OPT_OUT", "ORDER_ID",
        "OUTPUT_ATTRIBUTE_TYPE", "OUTPUT_ATTRIBUTE_VALUE", "PID", "PIDALIAS", "PID_ALIAS",
        "REMOVED_SEGMENT_LIST", "SEGMENT_LIST", "SET_ATTRIBUTES", "SPLITNUM", "SYNC_MODE", "SYNC_TYPE", "TAB",
        "TIMESTAMP", "TRAIT_LIST", "UUID",
    ]

    /// The macros that differ from line to line.
    private static let contentOnly: Set<String> = [
        "DPUUIDS", "DP_UUID", "DP_UUID_LIST", "MCID", "REMOVED_SEGMENT_LIST", "SEGMENT_LIST", "TRAIT_LIST",
        "UUID",
        "endif", "if",
    ]
}
