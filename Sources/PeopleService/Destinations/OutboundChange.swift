// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems

/// What a destination has to be told: for each mapped segment who comes and who goes.
struct OutboundChange {
    /// One mapped segment.
    struct Item {
        let mapping: SegmentMapping
        /// What the destination has.
        let sent: MemberSet
        /// What it may have besides, by files that were taken back.
        let doubtful: MemberSet
        /// What it shall have.
        let wanted: MemberSet
        /// Whether a restriction forbids that anything is said of the members.
        let isForbidden: Bool
        /// When the segment's members changed last, in milliseconds since 1970; none for a deleted segment.
        let changed: Int64?
        /// The segment's rule; none for a deleted segment.
        let rule: String?
    }

    /// All mapped segments.
    private(set) var items: [Item] = []
    /// Segments that are held back, and why.
    private(set) var obstacles: [Problem] = []

    /// Compares what a destination has with what it shall have.
    ///
    /// - Parameters:
    ///   - destination: The destination.
    ///   - today: Today.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(_ destination: Destination, on today: Day, in database: Database) throws {
        let source = try DataSourceStore().find(destination.keyDataSource, in: database)
        let store = IDStore()
        let ids = try store.members(of: .dataSource(source.namespace), in: database)
            .subtracting(store.gone(in: database))
        let doubtful = try DestinationStore().doubtful(of: destination.number, in: database)
        for mapping in try DestinationStore().mappings(of: destination.number, in: database) {
            let sent = try DestinationStore().sent(mapping.segment, to: destination.number, in: database)
            let segment = try SegmentStore().list(limit: 1, after: mapping.segment - 1, in: database)
                .first { $0.sid == mapping.segment }
            var wanted = MemberSet.empty
            var isForbidden = false
            if let segment {
                if let obstacle = try Destinations.obstacle(segment, destination, in: database) {
                    obstacles.append(obstacle)
                    isForbidden = obstacle.kind == .restrictionForbids
                    wanted = sent.intersection(ids)
                } else if let start = mapping.start, today < start {
                    wanted = .empty
                } else if let end = mapping.end, end < today {
                    wanted = .empty
                } else if segment.state == .paused {
                    // Nobody new, but who opted out or was deleted leaves all the same.
                    wanted = sent.intersection(ids)
                } else {
                    wanted = try SegmentStore().members(of: segment.sid, in: database).intersection(ids)
                }
            }
            items.append(
                Item(
                    mapping: mapping,
                    sent: sent,
                    doubtful: doubtful[mapping.segment, default: .empty].subtracting(sent),
                    wanted: wanted,
                    isForbidden: isForbidden,
                    changed: segment?.evaluated,
                    rule: segment?.rule
                )
            )
        }
    }

    /// Whether the destination has everything as it shall be.
    var isEmpty: Bool { items.allSatisfy { $0.sent == $0.wanted && $0.doubtful.isSubset(of: $0.wanted) } }

    /// Whether nobody shall be in any segment.
    var isFarewell: Bool { items.allSatisfy(\.wanted.isEmpty) }

    /// What files of a destination say now.
    ///
    /// A file without lines can't say that nobody is left: that takes one of removals. And a full file would say again
    /// what a restriction forbids to say.
    ///
    /// - Parameters:
    ///   - destination: The destination.
    ///   - isAskedFor: Whether a full file is wanted.
    /// - Returns: The mode.
    func mode(of destination: Destination, askedFor isAskedFor: Bool) -> Destination.Mode {
        if isFarewell || items.contains(where: \.isForbidden) { return .iter }
        return isAskedFor ? .full : destination.mode
    }

    /// What the destination has else once it was told, by segment.
    var changes: [SID: MemberChange] {
        Dictionary(
            uniqueKeysWithValues: items.map { item in
                (item.mapping.segment, MemberChange(from: item.sent, to: item.wanted))
            }
        )
    }
}
