// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// Gathers everything that the database knows of a few IDs.
struct KnownFacts {
    private let reached: MemberSet
    private let asked: MemberSet
    private let realizations: [IDNumber: [SID: [Day: Int]]]
    private let lastDays: [IDNumber: Day]
    private let optedOut: MemberSet
    private let deleted: MemberSet
    private let holders: [IDNumber: [String]]

    /// Gathers what is known.
    ///
    /// - Parameters:
    ///   - reached: The IDs.
    ///   - asked: Those among them that a request names.
    ///   - holders: Says which destinations hold which IDs.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(
        of reached: MemberSet,
        asked: MemberSet,
        holders: PrivacyRequests.Holders,
        in database: Database
    ) throws {
        self.reached = reached
        self.asked = asked
        realizations = try RealizationStore().realizations(of: reached, in: database)
        lastDays = try ActivityStore().lastDays(of: reached, in: database)
        optedOut = try IDStore().members(of: .optedOut, in: database)
        deleted = try IDStore().members(of: .deleted, in: database)
        self.holders = try holders(reached, database)
    }

    /// What is known of each ID, those that the request names first.
    func ids(in database: Database) throws -> [KnownID] {
        let texts = try texts(in: database)
        let segments = try segments(in: database)
        var links: [IDNumber: [Link]] = [:]
        try LinkStore().forEach(of: reached, in: database) { links[$0] = Array($1) }
        let numbers = asked.numbers() + reached.subtracting(asked).numbers()
        return try numbers.compactMap { number -> KnownID? in
            guard let (source, text) = texts[number] else { return nil }
            var id = KnownID(
                source: try DataSourceStore().find(source, in: database),
                id: text,
                isAsked: asked.contains(number)
            )
            id.optedOut = optedOut.contains(number)
            id.deletionWaiting = deleted.contains(number)
            id.lastSeen = lastDays[number].map(\.text)
            id.traits = try traits(of: number, in: database)
            id.segments = segments[number] ?? []
            // Of a device only its other IDs and the link to the person who asks are told: others who use it are other
            // people, and not reached.
            let mine = (links[number] ?? []).filter { id.isAsked || reached.contains($0.partner) }
            id.links = mine.compactMap { link in
                texts[link.partner].map { KnownID.LinkedID(dataSource: $0.source, id: $0.text, link) }
            }
            id.otherLinks = (links[number] ?? []).count - id.links.count
            id.destinations = holders[number] ?? []
            return id
        }
    }

    private func texts(
        in database: Database
    ) throws -> [IDNumber: (source: DataSourceNumber, text: String)] {
        var texts: [IDNumber: (source: DataSourceNumber, text: String)] = [:]
        try IDStore().forEach(of: reached, in: database) { number, source, text in
            texts[number] = (source, String(decoding: text, as: UTF8.self))
        }
        return texts
    }

    private func segments(in database: Database) throws -> [IDNumber: [KnownID.Segment]] {
        var found: [IDNumber: [KnownID.Segment]] = [:]
        for segment in try SegmentStore().list(limit: Segment.limit, in: database) {
            let members = try SegmentStore().members(of: segment.sid, in: database)
            members.intersection(reached).forEach {
                found[$0, default: []].append(KnownID.Segment(segment: segment.sid, name: segment.name))
            }
        }
        return found
    }

    private func traits(of number: IDNumber, in database: Database) throws -> [KnownID.Trait] {
        try (realizations[number] ?? [:]).sorted { $0.key < $1.key }.map { sid, days in
            KnownID.Trait(
                trait: sid,
                name: try TraitStore().find(sid, in: database).name,
                days: days.sorted { $0.key < $1.key }
                    .map { KnownID.Realization(day: $0.key.text, count: $0.value) }
            )
        }
    }
}

extension Day {
    /// The day as `YYYY-MM-DD`.
    fileprivate var text: String {
        Date(timeIntervalSince1970: Double(number) * 86_400).formatted(.iso8601.year().month().day())
    }
}
