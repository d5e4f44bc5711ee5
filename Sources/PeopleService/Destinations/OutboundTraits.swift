// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// Who realized which trait last on which day, for the lines of an outbound run.
///
/// The sets of those concerned stay compressed; only those of the IDs that come next are spread out.
final class OutboundTraits {
    private let traits: [SID: Trait]
    private let entries: [(trait: SID, days: [(day: Day, members: MemberSet)])]
    private let unsaid: Set<SID>
    private var days: [IDNumber: [SID: Day]] = [:]

    /// Reads realizations that count today.
    ///
    /// - Parameters:
    ///   - people: The IDs that are concerned.
    ///   - wanted: The traits; `nil` for all.
    ///   - destination: Where the lines go.
    ///   - today: Today.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(
        of people: MemberSet,
        _ wanted: Set<SID>?,
        for destination: Destination,
        on today: Day,
        in database: Database
    ) throws {
        let store = IDStore()
        let known = try people.subtracting(store.members(of: .optedOut, in: database))
            .subtracting(store.members(of: .deleted, in: database))
        let traits = try TraitStore().all(in: database).filter { wanted?.contains($0.sid) ?? true }
        self.traits = Dictionary(uniqueKeysWithValues: traits.map { ($0.sid, $0) })
        let sources = Dictionary(traits.map { ($0.sid, $0.dataSource) }, uniquingKeysWith: { $1 })
        let cache = RealizationCache(database, today, TouchedIDs(known))
        var unsaid: Set<SID> = []
        entries = try traits.map { trait in
            let parts = try trait.summedFolder.map { try FolderTraits(in: database).summed(in: $0) } ?? []
            let owners = Set(
                try parts.map { try sources[$0] ?? TraitStore().find($0, in: database).dataSource }
            )
            let isForbidden = try owners.union([trait.dataSource]).contains { owner in
                try !DataSourceStore().restrictions(of: owner, in: database)
                    .isDisjoint(with: destination.labels)
            }
            if isForbidden { unsaid.insert(trait.sid) }
            let days = try cache.entries(of: trait.sid)
                .map { (day: $0.day, members: $0.levels.members.intersection(known)) }
            return (trait.sid, days.filter { !$0.members.isEmpty }.sorted { $1.day < $0.day })
        }
        self.unsaid = unsaid
    }

    /// Spreads out what is known of some IDs.
    func load(_ people: MemberSet) throws {
        days.removeAll(keepingCapacity: true)
        for entry in entries {
            var rest = people
            for (day, members) in entry.days {
                let found = members.intersection(rest)
                guard !found.isEmpty else { continue }
                found.forEach { days[$0, default: [:]][entry.trait] = day }
                rest = rest.subtracting(found)
            }
        }
    }

    /// The day on which an ID realized each trait last.
    func days(of number: IDNumber) -> [SID: Day] { days[number] ?? [:] }

    /// Whether files bring a trait.
    func isOnboarded(_ sid: SID) -> Bool { traits[sid]?.isOnboarded ?? true }

    /// Whether a trait may be named: no restriction of its data source forbids it.
    func isSaid(_ sid: SID) -> Bool { !unsaid.contains(sid) }
}
