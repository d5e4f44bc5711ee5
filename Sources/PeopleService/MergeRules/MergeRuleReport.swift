// SPDX-License-Identifier: Apache-2.0

import Problems
import Terminal

/// A merge rule as commands show it.
struct MergeRuleReport: Report {
    let number: Int
    let name: String
    let across: String
    let devices: String
    let dataSources: [Int]
    let exportRestrictions: [String]
    let isDefault: Bool
    /// Whether it takes new cross-device data sources by itself.
    let followsNewDataSources: Bool
    /// What a change did to segments.
    let segments: [Receipt.Segment]?
    /// Why members of its segments can't leave to destinations, after a change.
    let warnings: [String]?

    init(_ rule: MergeRule, segments: [Receipt.Segment]? = nil, obstacles: [Problem]? = nil) {
        self.segments = segments
        warnings = obstacles?.map { "\($0.summary) \($0.advice)" }
        followsNewDataSources = rule.followsNewSources
        number = rule.number
        name = rule.name
        across = rule.across.rawValue
        devices = rule.devices.rawValue
        dataSources = rule.sources
        exportRestrictions = rule.restrictions.sorted().map(\.rawValue)
        isDefault = rule.isDefault
    }

    var text: String {
        let sources =
            dataSources.isEmpty
            ? "" : ", data sources \(dataSources.map(String.init).joined(separator: ", "))"
        var lines = ["\(number): \(name), across \(across), devices \(devices)\(sources)"]
        for restriction in exportRestrictions { lines.append("  restriction \(restriction)") }
        for segment in segments ?? [] {
            lines.append("  segment \(segment.segment): \(segment.before.grouped) → \(segment.after.grouped)")
        }
        for warning in warnings ?? [] { lines.append("  blocked    \(warning)") }
        return lines.joined(separator: "\n")
    }
}
