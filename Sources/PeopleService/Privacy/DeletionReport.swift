// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

/// What a deletion takes away, in numbers alone.
package struct DeletionReport: Report, Equatable {
    /// `deleted`, `found` for a preview, or `not found` when nobody has the ID.
    package let result: String
    /// Whether nothing was changed.
    package let dryRun: Bool
    /// IDs, of them linked devices.
    package private(set) var ids = 0
    package private(set) var linkedDevices = 0
    /// Traits, segment memberships and links of all of them.
    package private(set) var traits = 0
    package private(set) var segments = 0
    package private(set) var links = 0

    /// Nobody has the ID.
    init(isPreview: Bool = false) {
        result = "not found"
        dryRun = isPreview
    }

    /// What was known.
    init(_ report: AccessReport, isPreview: Bool = false) {
        result = report.ids.isEmpty ? "not found" : isPreview ? "found" : "deleted"
        dryRun = isPreview
        let asked = report.ids.filter(\.isAsked)
        var between = 0
        for id in report.ids {
            ids += 1
            linkedDevices += id.isAsked ? 0 : 1
            traits += id.traits.count
            segments += id.segments.count
            // A link back to the ID that was named is one with it.
            links += id.isAsked ? id.links.count + id.otherLinks : id.otherLinks
            guard !id.isAsked else { continue }
            // One between two others of these stands at both.
            between +=
                id.links.count { link in
                    !asked.contains { $0.dataSource == link.dataSource && $0.id == link.id }
                }
        }
        links += between / 2
    }

    /// Whether anybody has the ID.
    package var isFound: Bool { ids > 0 }

    package var text: String {
        guard isFound else { return "not found: nobody has this ID" }
        let what = """
            \(ids.grouped) IDs (\(linkedDevices.grouped) linked devices), \(traits.grouped) traits, \
            \(segments.grouped) segment memberships, \(links.grouped) links
            """
        return dryRun
            ? "would delete \(what); nothing was changed, --yes deletes"
            : "deleted \(what); the IDs themselves are wiped once every destination was told"
    }
}
