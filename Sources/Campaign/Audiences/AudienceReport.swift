// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Terminal

/// An audience as commands show it.
struct AudienceReport: Report {
    let id: String
    let label: String
    let type: String
    let count: Int
    let dataSource: String?
    let segment: String?
    let forceReconciliation: Bool?
    let filter: String?
    let created: String
    let updated: String
    let expires: String?
    let combineSeconds: Double?
    /// Where it is shared, where that was asked for.
    let shares: [SharedInto]?
    /// Why no file brings its segment yet, as the end of a sentence, where the hub was asked and says so.
    let obstacle: String?

    struct SharedInto: Encodable {
        let segment: Int64
        let dataSource: String
        let replace: Bool
    }

    private enum CodingKeys: CodingKey {
        case id, label, type, count, dataSource, segment, forceReconciliation, filter
        case created, updated, expires
        case combineSeconds, shares, obstacle
    }

    /// Writes the keys of the contract in any case, `null` where an audience has no such thing.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(label, forKey: .label)
        try container.encode(type, forKey: .type)
        try container.encode(count, forKey: .count)
        try container.encode(dataSource, forKey: .dataSource)
        try container.encode(segment, forKey: .segment)
        try container.encode(updated, forKey: .updated)
        try container.encode(created, forKey: .created)
        try container.encodeIfPresent(forceReconciliation, forKey: .forceReconciliation)
        try container.encodeIfPresent(filter, forKey: .filter)
        try container.encodeIfPresent(expires, forKey: .expires)
        try container.encodeIfPresent(combineSeconds, forKey: .combineSeconds)
        try container.encodeIfPresent(shares, forKey: .shares)
        try container.encodeIfPresent(obstacle, forKey: .obstacle)
    }

    init(
        _ audience: Audience,
        combineSeconds: Double? = nil,
        shares: [Share]? = nil,
        obstacle: String? = nil
    ) {
        self.obstacle = obstacle
        id = audience.id.rawValue
        label = audience.label
        type = audience.kind.name
        count = audience.count
        dataSource = audience.definition?.dataSource.rawValue
        segment = audience.definition?.segment
        forceReconciliation = audience.definition?.isReconciliationForced
        if case .query(let text) = audience.kind { filter = text } else { filter = nil }
        created = Moment.text(audience.created)
        updated = Moment.text(audience.updated)
        expires = audience.expires
        self.combineSeconds = combineSeconds
        self.shares = shares?.map { share in
            SharedInto(
                segment: share.segment,
                dataSource: share.dataSource.rawValue,
                replace: share.isReplacing
            )
        }
    }

    var text: String {
        var lines = ["\(id): \(label)", "  type       \(type)"]
        lines.append("  members    \(count.grouped)")
        if let filter { lines.append("  filter     \(filter)") }
        if let segment, let dataSource {
            lines.append("  follows    segment \(segment) through \(dataSource)")
        }
        if let obstacle { lines.append("  note       the segment \(obstacle)") }
        for share in shares ?? [] {
            let mode = share.replace ? "with removals" : "add-only"
            lines.append("  shared     into segment \(share.segment) through \(share.dataSource), \(mode)")
        }
        lines.append("  updated    \(updated)")
        if let expires { lines.append("  expires    \(expires)") }
        if let combineSeconds {
            lines.append(
                "  combined   in \((combineSeconds * 1000).formatted(.number.precision(.fractionLength(2)))) ms"
            )
        }
        return lines.joined(separator: "\n")
    }
}

/// Several audiences.
struct AudiencesReport: Report {
    let audiences: [AudienceReport]
    /// Whether there are more than were asked for.
    let more: Bool

    /// Makes a report of a list that was read with one audience beyond its limit.
    init(_ audiences: [Audience], limit: Int) {
        self.audiences = audiences.prefix(limit).map { AudienceReport($0) }
        more = audiences.count > limit
    }

    var text: String {
        var table = TextTable("ID", "LABEL", "TYPE", "MEMBERS", "SEGMENT", "DATA SOURCE", "UPDATED")
        for audience in audiences {
            table.add(
                audience.id,
                audience.label,
                audience.type,
                audience.count.grouped,
                audience.segment ?? "",
                audience.dataSource ?? "",
                String(audience.updated.prefix(19))
            )
        }
        let last = more ? audiences.last.map { "\n… and more (--after \($0.id))" } ?? "" : ""
        return table.text + last
    }
}
