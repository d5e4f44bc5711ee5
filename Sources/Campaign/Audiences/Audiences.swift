// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// What people do with audiences: define, compute, combine, look into.
package struct Audiences {
    /// How audiences are combined.
    package enum Operation: String, CaseIterable, Sendable {
        /// Members of any of them.
        case union
        /// Members of all of them.
        case intersection
        /// Members of the first one and of none of the others.
        case exclusion

        /// Combines the first set with the others.
        func combine(_ first: MemberSet, _ others: [MemberSet]) -> MemberSet {
            switch self {
            case .union: MemberSet.union(of: [first] + others)
            case .intersection: others.reduce(first) { $0.intersection($1) }
            case .exclusion: others.reduce(first) { $0.subtracting($1) }
            }
        }
    }

    private let campaign: Campaign
    private let store: AudienceStore

    package init(_ campaign: Campaign) {
        self.campaign = campaign
        store = AudienceStore(campaign)
    }

    /// Defines an audience that follows a segment, by the decision table of shared audiences.
    ///
    /// - Parameters:
    ///   - label: The name for people.
    ///   - segment: The segment's ID as the files write it: digits, or an alias without separators.
    ///   - source: The shared data source whose files bring it.
    ///   - isReconciliationForced: Whether decrypted addresses without a profile are left out.
    ///   - expires: The day on which it is deleted.
    /// - Returns: The audience, empty until the next file.
    /// - Throws: ``Problem`` of kind `data-sources.unknown` or `audiences.refused`.
    package func define(
        label: String,
        segment: String,
        _ source: SharedDataSource.ID,
        isReconciliationForced: Bool,
        expires: String? = nil
    ) throws -> Audience {
        try campaign.write { database in
            let source = try SharedDataSourceStore(campaign).find(source, in: database)
            let kind = try Self.kind(segment, source, isReconciliationForced: isReconciliationForced)
            return try store.insert(
                label: label,
                kind,
                expires: expires,
                at: campaign.world.milliseconds,
                in: database
            )
        }
    }

    /// The kind of audience that a segment becomes.
    ///
    /// Encrypted IDs that are addresses (channel Email or SMS) become a File audience unless reconciliation is
    /// forced; everything else becomes an audience of profiles (Adobe Campaign Standard, import of a shared audience).
    static func kind(
        _ segment: String,
        _ source: SharedDataSource,
        isReconciliationForced: Bool
    ) throws -> Audience.Kind {
        guard segment.wholeMatch(of: /[A-Za-z0-9_.-]{1,255}/) != nil else {
            throw Problem(
                .audienceRefused,
                "A segment's ID is digits, or an alias of letters, digits, _, . and -.",
                field: "segment"
            )
        }
        guard !isReconciliationForced || source.givesAddresses else {
            throw Problem(
                .audienceRefused,
                "The IDs of \(source.id) always reconcile with profiles; forcing it has no meaning.",
                advice:
                    "Leave --force-reconciliation out; it belongs to encrypted IDs with channel email or sms.",
                field: "force-reconciliation"
            )
        }
        let definition = Audience.Definition(
            segment: segment,
            dataSource: source.id,
            isReconciliationForced: isReconciliationForced
        )
        return source.givesAddresses && !isReconciliationForced ? .file(definition) : .shared(definition)
    }

    /// Defines an audience by a filter.
    package func query(label: String, filter: String, expires: String? = nil) throws -> Audience {
        let members = AudienceMembers()
        let (canonical, count) = try campaign.read { database in
            let parsed = try members.parse(filter, in: database)
            return (parsed.description, try members.evaluate(parsed, in: database).count)
        }
        return try campaign.write { database in
            try store.insert(
                label: label,
                .query(filter: canonical),
                count: count,
                expires: expires,
                at: campaign.world.milliseconds,
                in: database
            )
        }
    }

    /// Combines audiences into a list.
    ///
    /// - Parameters:
    ///   - operation: How.
    ///   - names: At least two audiences, by ID or label.
    ///   - label: The list's name for people.
    ///   - expires: The day on which the list is deleted.
    /// - Returns: The list, and the seconds that the operation on the sets took.
    /// - Throws: ``Problem`` of kind `audiences.unknown`, `audiences.of-addresses` or `audiences.refused`.
    package func combine(
        _ operation: Operation,
        _ names: [String],
        label: String,
        expires: String? = nil
    ) throws -> (audience: Audience, seconds: Double) {
        let sets = try campaign.read { database in
            try names.map { name in
                try AudienceMembers().members(of: store.find(name, in: database), in: database)
            }
        }
        guard let first = sets.first else {
            throw Problem(.audienceRefused, "Name at least two audiences.")
        }
        let clock = ContinuousClock()
        let start = clock.now
        let combined = operation.combine(first, Array(sets.dropFirst()))
        let seconds = (clock.now - start).seconds
        let audience = try campaign.write { database in
            try store.insert(
                label: label,
                .list,
                members: combined,
                expires: expires,
                at: campaign.world.milliseconds,
                in: database
            )
        }
        return (audience, seconds)
    }

    /// An audience with its current count; a query is computed.
    package func current(_ name: String) throws -> Audience {
        let audience = try campaign.read { try store.find(name, in: $0) }
        guard case .query = audience.kind else { return audience }
        let count = try campaign.read { try AudienceMembers().members(of: audience, in: $0).count }
        return try campaign.write { database in
            try store.note(count: count, of: audience.id, at: campaign.world.milliseconds, in: database)
            return try store.find(audience.id.rawValue, in: database)
        }
    }

    /// Members for display.
    ///
    /// - Parameters:
    ///   - name: The audience's ID or label.
    ///   - limit: How many at most; 0 for all.
    /// - Returns: The members in the order of their numbers; the addresses of a File audience, ascending.
    /// - Throws: ``Problem`` of kind `audiences.unknown`, or what the database or the list of addresses answers.
    package func members(of name: String, limit: Int) throws -> MembersReport {
        try campaign.read { database in
            let audience = try store.find(name, in: database)
            if case .file = audience.kind {
                var addresses: [String] = []
                if let list = try addressList(of: audience) {
                    while limit == 0 || addresses.count < limit, let address = try list.next() {
                        addresses.append(String(decoding: address, as: UTF8.self))
                    }
                }
                return MembersReport(
                    audience: audience.id.rawValue,
                    count: audience.count,
                    members: [],
                    addresses: addresses
                )
            }
            let members = try AudienceMembers().members(of: audience, in: database)
            let numbers = limit == 0 ? members.numbers() : members.numbers(after: 0, limit: limit)
            let statement = try database.makeStatement(
                sql: "SELECT externalId, email FROM profiles WHERE number = ?"
            )
            let entries = try numbers.map { number in
                let row = try Row.fetchOne(statement, arguments: [Int64(number)])
                return MembersReport.Member(profile: number, externalId: row?[0], email: row?[1])
            }
            return MembersReport(
                audience: audience.id.rawValue,
                count: members.count,
                members: entries,
                addresses: []
            )
        }
    }

    /// Writes the members into a CSV file: profiles with all fields, or addresses.
    ///
    /// - Returns: How many rows were written.
    package func export(_ name: String, to path: String) throws -> Int {
        let audience = try campaign.read { try store.find(name, in: $0) }
        guard case .file = audience.kind else {
            let members = try campaign.read { try AudienceMembers().members(of: audience, in: $0) }
            return try ProfileExport(campaign).write(path, members: members)
        }
        let column = try campaign.read { database in
            let source = try audience.definition.map {
                try SharedDataSourceStore(campaign).find($0.dataSource, in: database)
            }
            return source?.keyField?.name ?? "address"
        }
        let output = try OutputFile(path, outside: campaign.directory)
        var writer = CSVWriter()
        writer.append(record: [column])
        var count = 0
        if let list = try addressList(of: audience) {
            while let address = try list.next() {
                writer.append(address)
                writer.endRecord()
                count += 1
                if writer.bytes.count > 1 << 20 {
                    try output.write(writer.bytes)
                    writer.removeAll()
                }
            }
        }
        try output.write(writer.bytes)
        try output.finish()
        return count
    }

    private func addressList(of audience: Audience) throws -> SortedListReader? {
        try audience.listFile.map { try SortedListReader(path: "\(campaign.directory.lists)/\($0)") }
    }
}
