// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage
import Terminal

/// A trait as commands show it.
struct TraitReport: Report {
    let sid: Int
    let name: String
    let description: String
    let kind: String
    let dataSource: Int
    /// The folder that it lies in; 0 is the top.
    let folder: Int
    let integrationCode: String?
    let rule: String?
    /// The folder that a folder trait sums up.
    let ofFolder: Int?
    let ttl: Int
    /// How many IDs have it.
    let ids: Int
    /// The segments that refer to it.
    let segments: [Int]?

    init(_ trait: Trait, count: Int, segments: [Int]? = nil) {
        sid = trait.sid
        name = trait.name
        description = trait.description
        kind = trait.kind.rawValue
        ofFolder = trait.summedFolder
        dataSource = trait.dataSource
        folder = trait.folder ?? 0
        integrationCode = trait.integrationCode
        rule = trait.rule
        ttl = trait.lifetimeDays
        ids = count
        self.segments = segments
    }

    var text: String {
        var lines = ["\(sid): \(name), \(kind), data source \(dataSource), \(ids.grouped) IDs"]
        if let rule { lines.append("  rule       \(rule)") }
        if let ofFolder { lines.append("  sums up    folder \(ofFolder)") }
        if ofFolder == nil { lines.append(ttl == 0 ? "  lasts for ever" : "  lasts      \(ttl) days") }
        if folder > 0 { lines.append("  folder     \(folder)") }
        if let segments, !segments.isEmpty {
            lines.append("  segments   " + segments.map(String.init).joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }

    /// Reads a trait.
    static func load(_ sid: SID, _ service: PeopleService) throws -> TraitReport {
        try service.read { database in
            let trait = try TraitStore().find(sid, in: database)
            return TraitReport(
                trait,
                count: try FolderTraits(in: database).members(of: trait, on: service.today).count,
                segments: try SegmentStore().referring(to: sid, in: database)
            )
        }
    }
}
