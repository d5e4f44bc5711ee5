// SPDX-License-Identifier: Apache-2.0

import Foundation
import Terminal

/// A segment as commands show it.
struct SegmentReport: Report {
    /// How many members have an ID of a data source.
    struct Source: Encodable {
        let dataSource: Int
        let members: Int
    }

    private struct Size: Encodable {
        let moment: String
        let size: Int
        let added: Int
        let removed: Int
    }

    let sid: Int
    let name: String
    let description: String
    let dataSource: Int
    /// The folder that it lies in; 0 is the top.
    let folder: Int
    let integrationCode: String?
    let rule: String
    let mergeRule: Int
    let mergeRuleName: String?
    let state: String
    let size: Int
    let members: [Source]?
    private let history: [Size]?
    /// The traits of the rule that were deleted, which nobody has.
    let missingTraits: [Int]?
    /// Why members can't leave to destinations, after a change.
    let warnings: [String]?

    init(
        _ segment: Segment,
        mergeRuleName: String? = nil,
        sizes: [SegmentSize]? = nil,
        sources: [Source]? = nil,
        missingTraits: [SID]? = nil,
        warnings: [String]? = nil
    ) {
        self.missingTraits = missingTraits
        self.warnings = warnings
        sid = segment.sid
        name = segment.name
        description = segment.description
        dataSource = segment.dataSource
        folder = segment.folder ?? 0
        integrationCode = segment.integrationCode
        rule = segment.rule
        mergeRule = segment.mergeRule
        self.mergeRuleName = mergeRuleName
        state = segment.state.rawValue
        size = segment.size
        members = sources
        history = sizes?.map { size in
            Size(
                moment: Date(timeIntervalSince1970: Double(size.moment) / 1000).formatted(.iso8601),
                size: size.size,
                added: size.added,
                removed: size.removed
            )
        }
    }

    var text: String {
        var lines = ["\(sid): \(name), \(state), \(size.grouped) members", "  rule       \(rule)"]
        lines.append("  merge rule \(mergeRule)\(mergeRuleName.map { " “\($0)”" } ?? "")")
        for trait in missingTraits ?? [] {
            lines.append("  missing    trait \(trait) was deleted; nobody has it")
        }
        for source in members ?? [] {
            lines.append("  \(source.members.grouped) with IDs of data source \(source.dataSource)")
        }
        for size in history ?? [] {
            lines.append(
                "  \(size.moment)  \(size.size.grouped) (+\(size.added.grouped) −\(size.removed.grouped))"
            )
        }
        if folder > 0 { lines.append("  folder     \(folder)") }
        for warning in warnings ?? [] { lines.append("  blocked    \(warning)") }
        return lines.joined(separator: "\n")
    }
}
