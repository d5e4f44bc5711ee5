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

        /// What the receiver knows the members by that it has, where that is another name than the alias is now.
        var formerAlias: String? { sent.isEmpty && doubtful.isEmpty ? nil : mapping.sentAlias }

        /// What the receiver knows the members by once it was told.
        var nextAlias: String { isForbidden ? formerAlias ?? mapping.alias : mapping.alias }

        /// Whether members have to be taken back under one name and brought under another.
        var isRenamed: Bool { nextAlias != formerAlias ?? nextAlias }

        /// What the receiver has, or may have.
        var known: MemberSet { sent.union(doubtful) }

        /// Who comes to the receiver, under the name that counts now.
        var coming: MemberSet { isRenamed ? wanted : wanted.subtracting(sent) }

        /// Who goes from the receiver, under the name that it knows.
        var going: MemberSet { isRenamed ? known : known.subtracting(wanted) }
    }

    /// What lines say of a segment under one name.
    struct Entry {
        let item: Item
        let alias: String
        /// Who is said to be in it.
        let added: MemberSet
        /// Who is said to have left.
        let removed: MemberSet
    }

    /// All mapped segments.
    private(set) var items: [Item] = []
    /// IDs that could not be written when it was tried last.
    let unwritten: MemberSet
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
        unwritten = try DestinationStore().unwritten(of: destination.number, in: database)
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

    /// Whether the destination has everything as it shall be, as far as it can be told.
    var isEmpty: Bool {
        items.allSatisfy { item in
            !item.isRenamed && item.coming.isSubset(of: unwritten) && item.going.isSubset(of: unwritten)
        }
    }

    /// How many IDs can't be written.
    var unwrittenCount: Int {
        MemberSet.union(of: items.map { $0.wanted.subtracting($0.sent) }).intersectionCount(unwritten)
    }

    /// The IDs that have to leave and could not be written when it was tried last.
    var unwrittenRemovals: MemberSet {
        unwritten.isEmpty
            ? .empty
            : MemberSet.union(of: items.map { $0.known.subtracting($0.wanted) }).intersection(unwritten)
    }

    /// Whether nobody shall be in any segment.
    var isFarewell: Bool { items.allSatisfy(\.wanted.isEmpty) }

    /// What files of a destination say now.
    ///
    /// A file without lines can't say that nobody is left, and a full file not that members are known by another name:
    /// that takes removals. And a full file would say again what a restriction forbids to say.
    ///
    /// - Parameters:
    ///   - destination: The destination.
    ///   - isAskedFor: Whether a full file is wanted.
    /// - Returns: The mode.
    func mode(of destination: Destination, askedFor isAskedFor: Bool) -> Destination.Mode {
        if isFarewell || items.contains(where: { $0.isForbidden || $0.isRenamed }) { return .iter }
        return isAskedFor ? .full : destination.mode
    }

    /// What lines say.
    func entries(_ mode: Destination.Mode) -> [Entry] {
        items.flatMap { item -> [Entry] in
            if mode == .full {
                return [Entry(item: item, alias: item.nextAlias, added: item.wanted, removed: .empty)]
            }
            if item.isRenamed, let former = item.formerAlias {
                return [
                    Entry(item: item, alias: item.nextAlias, added: item.coming, removed: .empty),
                    Entry(item: item, alias: former, added: .empty, removed: item.going),
                ]
            }
            return [Entry(item: item, alias: item.nextAlias, added: item.coming, removed: item.going)]
        }
    }

    /// What the destination knows the segments by once it was told.
    var aliases: [SID: String] {
        Dictionary(uniqueKeysWithValues: items.map { ($0.mapping.segment, $0.nextAlias) })
    }
}
