// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// Deletes profiles with everything that names them: visitor links, index entries and memberships.
package struct ProfileDeletion {
    private let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Deletes the profiles that have a value.
    ///
    /// - Parameters:
    ///   - name: A field, or `number`.
    ///   - value: The value as commands write it; never empty.
    ///   - isPlural: Whether several may be deleted, up to 10,000.
    /// - Returns: How many were deleted, at least one.
    /// - Throws: ``Problem`` of kind `profiles.unknown`, `profiles.value-unsuitable` or `program.wrong-usage`.
    package func delete(_ name: String, _ value: String, isPlural: Bool) throws -> Int {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let numbers = try campaign.read { try find(name, value, isPlural: isPlural, in: $0) }
        let records = try campaign.read { try ProfileIndexes(campaign).records(in: $0) }
        let secret = try campaign.keySecret()
        let sessions = try records.map { try IndexSession($0, campaign, expecting: 0, isLarge: false) }
        do {
            try campaign.write { database in
                for session in sessions {
                    try remove(numbers, from: session, secret, in: database)
                    try session.store(in: database)
                }
                try removeFromAudiences(numbers, in: database)
                for number in numbers {
                    // Visitor links go with their profile.
                    try database.execute(
                        sql: "DELETE FROM profiles WHERE number = ?",
                        arguments: [Int64(number)]
                    )
                }
                try Counter.profiles.next(by: -numbers.count, in: database)
                try Counter.change.next(in: database)
            }
        } catch {
            sessions.forEach { $0.undo() }
            throw error
        }
        for session in sessions { try session.finish(campaign) }
        try campaign.write { try ProfileIndexes(campaign).pruneChanges(in: $0) }
        return numbers.count
    }

    private func find(_ name: String, _ value: String, isPlural: Bool, in database: Database) throws
        -> [ProfileNumber]
    {
        let cards: [ProfileStore.Card]
        if name == "number" {
            cards =
                try Int64(value).flatMap { try ProfileStore().find(number: $0, in: database) }.map { [$0] }
                ?? []
        } else {
            let field = try ProfileFieldStore.field(named: name, in: database)
            guard !value.isEmpty else {
                throw Problem(.valueUnsuitable, "Profiles can't be deleted by an empty \(name).")
            }
            cards = try ProfileStore().find(field, value, limit: 10_000, in: database)
        }
        guard !cards.isEmpty else { throw Problem(.profileUnknown, "No profile has this \(name).") }
        guard cards.count == 1 || isPlural else {
            throw Problem(
                .valueUnsuitable,
                "\(cards.count) profiles have this \(name).",
                advice: "Name one by its number, or delete them with --all."
            )
        }
        return cards.map { ProfileNumber($0.number) }
    }

    private func remove(
        _ numbers: [ProfileNumber],
        from session: IndexSession,
        _ secret: IDKeySecret,
        in database: Database
    ) throws {
        let maker = try IndexKeyMaker(session.record.definition, secret: secret)
        for number in numbers {
            guard let field = session.record.definition.field else {
                for key in try visitorKeys(of: number, secret, in: database) {
                    try session.remove(key, number)
                }
                continue
            }
            let value = try DatabaseValue.fetchOne(
                database,
                sql: "SELECT \(field) FROM profiles WHERE number = ?",
                arguments: [Int64(number)]
            )
            let key: IDKey? =
                switch value?.storage {
                case .string(let text): try maker.key(of: text)
                case .int64(let integer): try maker.key(of: String(integer))
                default: nil
                }
            if let key { try session.remove(key, number) }
        }
    }

    private func visitorKeys(of number: ProfileNumber, _ secret: IDKeySecret, in database: Database) throws
        -> [IDKey]
    {
        try Row.fetchAll(
            database,
            sql: "SELECT visitor FROM visitor_links WHERE profile = ? LIMIT 100000",
            arguments: [Int64(number)]
        )
        .map { row in
            var digits: [UInt8] = []
            try row.withUnsafeData(atIndex: 0) { data in
                (data ?? Data()).withUnsafeBytes { VisitorID(stored: $0).appendDigits(to: &digits) }
            }
            return digits.withUnsafeBytes { IDKey(canonical: $0, secret: secret) }
        }
    }

    private func removeFromAudiences(_ numbers: [ProfileNumber], in database: Database) throws {
        let gone = MemberSet(numbers)
        let ids = try String.fetchAll(
            database,
            sql: "SELECT id FROM audiences WHERE members IS NOT NULL ORDER BY id LIMIT 1000000"
        )
        for id in ids.map(Audience.ID.init) {
            let members = try AudienceStore().storedMembers(of: id, in: database)
            let rest = members.subtracting(gone)
            guard rest.count != members.count else { continue }
            try AudienceStore().publish(rest, to: id, at: campaign.world.milliseconds, in: database)
        }
    }
}
