// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import GRDB
import Problems
import Storage

/// What people do with destinations: make them and map segments to them.
package struct Destinations {
    let service: PeopleService

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
        try OutboundForm(destination, in: database).confirmNamesIDs()
        try DestinationStore().add(destination, at: service.world.milliseconds, in: database)
        return destination
    }

    /// Maps a segment to a destination.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - number: The destination.
    ///   - alias: What the receiver knows the segment by; what it has been so far, or its number, unless said. Members
    ///     that were sent under another one are taken back under that one.
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
            let others = try DestinationStore().mappings(of: number, in: database)
            let alias = alias ?? others.first { $0.segment == segment }?.alias ?? String(segment)
            guard !alias.isEmpty, alias.utf8.count <= 255,
                alias.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ",") })
            else {
                throw Problem(
                    .destinationRefused,
                    "An alias has 1 to 255 characters without blanks, commas and control characters.",
                    field: "alias"
                )
            }
            if let taken = others.first(where: { $0.alias == alias && $0.segment != segment }) {
                throw Problem(
                    .destinationRefused,
                    "Segment \(taken.segment) has this alias at the destination already.",
                    field: "alias"
                )
            }
            if let taken = others.first(where: { $0.sentAlias == alias && $0.segment != segment }) {
                throw Problem(
                    .destinationRefused,
                    "The receiver still has members of segment \(taken.segment) under this alias.",
                    advice: "Run `tallystick people sync` first: the next file takes them back.",
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

    /// Why members of a segment could not leave: a restriction that came later, or a merge rule that does not reach the
    /// IDs of the destination's data source.
    static func obstacle(_ segment: Segment, _ destination: Destination, in database: Database) throws
        -> Problem?
    {
        if let problem = try restriction(segment, destination, in: database) { return problem }
        let source = try DataSourceStore().find(destination.keyDataSource, in: database)
        guard source.idType == .crossDevice else { return nil }
        let rule = try MergeRuleStore().find(segment.mergeRule, in: database)
        guard !rule.lets(outUnder: source.namespace) else { return nil }
        return Problem(
            .outboundBlocked,
            """
            Segment \(segment.sid) would leave destination \(destination.number) empty: its merge rule “\(rule.name)” \
            does not use the last authenticated profile of data source \(source.number).
            """,
            advice: try advice(segment, source, in: database)
        )
    }

    /// How members of a segment get out under the IDs of a data source, with a merge rule that lets them if there is one.
    private static func advice(_ segment: Segment, _ source: DataSource, in database: Database) throws
        -> String
    {
        let rule = try MergeRuleStore().list(in: database).first { $0.lets(outUnder: source.namespace) }
        if let rule {
            return """
                Run `tallystick people segments edit \(segment.sid) --merge-rule \(rule.number)`: merge rule \
                “\(rule.name)” uses it.
                """
        }
        return """
            Make a merge rule that does (`tallystick people merge-rules create --across last --data-source \
            \(source.namespace) --name …`), and run `tallystick people segments edit \(segment.sid) --merge-rule M`.
            """
    }

    /// Refuses settings of a destination that can't be.
    func confirm(_ destination: Destination, in database: Database) throws {
        func refuse(_ summary: String, _ field: String) -> Problem {
            Problem(.destinationRefused, summary, field: field)
        }
        guard destination.name.isName else {
            throw refuse("A destination's name has 1 to 255 characters on one line, not only blanks.", "name")
        }
        guard destination.alias?.isFileWord ?? true else {
            throw refuse(
                "A word for file names has 1 to 100 characters, and no slash, “..” or control character.",
                "alias"
            )
        }
        let taken = try Int.fetchOne(
            database,
            sql: "SELECT number FROM destinations WHERE name = ? AND number <> ?",
            arguments: [destination.name, destination.number]
        )
        if let taken { throw refuse("Destination \(taken) has this name already.", "name") }
        _ = try DataSourceStore().find(destination.keyDataSource, in: database)
        _ = try ExternalAccountStore().find(destination.account, in: database)
        guard destination.partByteCount >= 1_000_000 else {
            throw refuse("A part has at least 1,000,000 bytes.", "split")
        }
        try OutboundForm(destination, in: database).confirmNamesChange()
    }
}
