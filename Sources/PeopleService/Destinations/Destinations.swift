// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import GRDB
import Problems
import Storage

/// What people do with destinations: make them and map segments to them.
package struct Destinations {
    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes a destination.
    ///
    /// - Parameter make: Makes the destination from its number.
    /// - Returns: The destination.
    /// - Throws: ``Problem`` of kind `people.destination-refused`, `people.template-refused`, `accounts.unknown` or
    ///   `people.data-source-unknown`.
    package func create(_ make: (Int) -> Destination) throws -> Destination {
        try service.write { try create(in: $0, make) }
    }

    /// Makes a destination within a transaction.
    func create(in database: Database, _ make: (Int) -> Destination) throws -> Destination {
        let destination = make(try Counter.destination.next(in: database))
        try confirm(destination, in: database)
        try DestinationStore().add(destination, at: service.world.milliseconds, in: database)
        return destination
    }

    /// Maps a segment to a destination.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - number: The destination.
    ///   - alias: What the receiver knows the segment by; its number, unless said.
    ///   - start: The first day on which members are sent.
    ///   - end: The last day on which members are sent; after it they leave.
    /// - Returns: A problem of kind `people.outbound-blocked`, if nothing could leave: the mapping is kept, and sends
    ///   nothing until the cause is gone.
    /// - Throws: ``Problem`` of kind `people.restriction-forbids`, which names the trait and the rule, or
    ///   `people.destination-refused`.
    package func map(
        _ segment: SID,
        to number: Int,
        alias: String? = nil,
        start: Day? = nil,
        end: Day? = nil
    ) throws -> Problem? {
        try service.write { database in
            let destination = try DestinationStore().find(number, in: database)
            let found = try SegmentStore().find(segment, in: database)
            let alias = alias ?? String(segment)
            guard !alias.isEmpty, alias.utf8.count <= 255,
                alias.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ",") })
            else {
                throw Problem(
                    .destinationRefused,
                    "An alias has 1 to 255 characters without blanks, commas and control characters.",
                    field: "alias"
                )
            }
            let others = try DestinationStore().mappings(of: number, in: database)
            if let taken = others.first(where: { $0.alias == alias && $0.segment != segment }) {
                throw Problem(
                    .destinationRefused,
                    "Segment \(taken.segment) has this alias at the destination already.",
                    field: "alias"
                )
            }
            if let start, let end, end < start {
                throw Problem(.destinationRefused, "The mapping ends before it starts.", field: "end")
            }
            try Self.confirmAllowed(found, destination, in: database)
            try DestinationStore().map(
                SegmentMapping(
                    destination: number,
                    segment: segment,
                    alias: alias,
                    start: start,
                    end: end,
                    sentCount: 0,
                    sentAt: nil
                ),
                in: database
            )
            return try Self.obstacle(found, destination, in: database)
        }
    }

    /// Why members of a segment could not leave under the IDs of a destination's data source.
    static func obstacle(_ segment: Segment, _ destination: Destination, in database: Database) throws
        -> Problem?
    {
        let source = try DataSourceStore().find(destination.keyDataSource, in: database)
        guard source.idType == .crossDevice else { return nil }
        let rule = try MergeRuleStore().find(segment.mergeRule, in: database)
        guard !rule.lets(outUnder: source.namespace) else { return nil }
        return Problem(
            .outboundBlocked,
            """
            Segment \(segment.sid) would leave destination \(destination.number) empty: its merge rule “\(rule.name)” \
            does not use the last authenticated profile of data source \(source.number).
            """
        )
    }

    /// Refuses a change of a segment that a restriction forbids at any destination that it is mapped to.
    ///
    /// - Throws: ``Problem`` of kind `people.restriction-forbids`, which names the trait and the rule.
    static func confirmAllowed(_ segment: Segment, in database: Database) throws {
        let destinations = try Int.fetchAll(
            database,
            sql: "SELECT destination FROM mappings WHERE segment = ? ORDER BY destination",
            arguments: [segment.sid]
        )
        for number in destinations {
            try confirmAllowed(segment, DestinationStore().find(number, in: database), in: database)
        }
    }

    /// Refuses a mapping that a restriction forbids (domain: data export controls).
    private static func confirmAllowed(
        _ segment: Segment,
        _ destination: Destination,
        in database: Database
    ) throws {
        guard !destination.labels.isEmpty else { return }
        func confirm(_ restrictions: Set<ExportRestriction>, _ owner: String) throws {
            guard let broken = restrictions.intersection(destination.labels).min() else { return }
            throw Problem(
                .restrictionForbids,
                """
                Segment \(segment.sid) can't be sent to destination \(destination.number): data of \(owner) \
                \(broken.restriction), and the destination \(broken.label).
                """
            )
        }
        let store = DataSourceStore()
        let sids = try SegmentRule.parse(segment.rule).traits.sorted()
        for sid in sids {
            let trait = try TraitStore().find(sid, in: database)
            try confirm(
                store.restrictions(of: trait.dataSource, in: database),
                "trait \(sid) (data source \(trait.dataSource))"
            )
        }
        let rule = try MergeRuleStore().find(segment.mergeRule, in: database)
        try confirm(rule.restrictions, "merge rule “\(rule.name)”")
        for source in rule.sources {
            try confirm(
                store.restrictions(of: source, in: database),
                "data source \(source) of merge rule “\(rule.name)”"
            )
        }
    }

    private func confirm(_ destination: Destination, in database: Database) throws {
        func refuse(_ summary: String, _ field: String) -> Problem {
            Problem(.destinationRefused, summary, field: field)
        }
        guard !destination.name.isEmpty, destination.name.count <= 255 else {
            throw refuse("A destination's name has 1 to 255 characters.", "name")
        }
        let taken = try Int.fetchOne(
            database,
            sql: "SELECT number FROM destinations WHERE name = ?",
            arguments: [destination.name]
        )
        if let taken { throw refuse("Destination \(taken) has this name already.", "name") }
        _ = try DataSourceStore().find(destination.keyDataSource, in: database)
        _ = try ExternalAccountStore().find(destination.account, in: database)
        guard destination.partByteCount >= 1_000_000 else {
            throw refuse("A part has at least 1,000,000 bytes.", "split")
        }
        _ = try OutboundForm(destination, in: database)
    }
}
