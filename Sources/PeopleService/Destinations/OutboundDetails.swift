// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import GRDB
import Matching

/// What few templates write of people: other IDs, traits and times, read ahead for the IDs of one part of a run.
///
/// The person behind a declared ID is that ID with the devices on which it signed in last; the person behind a device
/// is that device with the declared ID of each data source that signed in there last. Who opted out, was deleted or is
/// inactive is named only where the line itself is about them, which then takes them away.
final class OutboundDetails: OutboundLineDetails {
    /// How many IDs are read ahead: each may have hundreds of others.
    static let batchSize = 1 << 14

    private let needs: LineRenderer.Needs
    private let kin: OutboundKin
    private let facts: OutboundTraits?
    private let segments: [(traits: Set<SID>, changed: Int64)]
    private var times: [Int64] = []
    /// Whether only the ID is known that a line is about.
    private var isKeyAlone = false

    /// Prepares for a run; there is nothing to prepare where the lines ask for nothing else.
    ///
    /// - Parameters:
    ///   - entries: Who comes and goes.
    ///   - renderer: Says what the lines ask for.
    ///   - template: Says whose IDs they list.
    ///   - destination: Its labels keep traits out that must not go there.
    ///   - today: Today.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init?(
        of entries: [OutboundChange.Entry],
        for renderer: LineRenderer,
        _ template: OutboundTemplate,
        _ destination: Destination,
        on today: Day,
        in database: Database
    ) throws {
        needs = renderer.needs
        guard !needs.isDisjoint(with: [.details, .realizationTimes]) else { return nil }
        let asksForTraits = !needs.isDisjoint(with: [.traits, .realizationTimes])
        kin = try OutboundKin(
            key: destination.keyDataSource,
            listed: needs.contains(.otherIDs) ? template.dataSources.union([destination.keyDataSource]) : [],
            wantsVisitorIDs: needs.contains(.visitorID),
            wantsPerson: asksForTraits,
            in: database
        )
        segments = try entries.map { entry in
            let traits = try entry.item.rule.map { try SegmentRule.parse($0).traits } ?? []
            return (traits, entry.item.changed ?? 0)
        }
        guard asksForTraits else {
            facts = nil
            return
        }
        let people = MemberSet.union(of: entries.flatMap { [$0.added, $0.removed] })
        facts = try OutboundTraits(
            of: people.union(LinkStore().partners(of: people, in: database)),
            needs.contains(.traits) ? nil : segments.reduce(into: []) { $0.formUnion($1.traits) },
            for: destination,
            on: today,
            in: database
        )
    }

    /// Reads what the lines of some IDs ask for; what was read before is forgotten.
    func load(_ people: MemberSet, in database: Database) throws {
        try kin.load(people, in: database)
        try facts?.load(people.union(kin.partners))
    }

    /// Gives a line the times at which its segments were realized, where the template asks for them.
    func withTimes<Value>(of line: OutboundLine, _ body: (OutboundLine) -> Value) -> Value {
        guard needs.contains(.realizationTimes) else { return body(line) }
        let days = days(of: line.person)
        times = line.added.map { place in
            let segment = segments[Int(place)]
            return segment.traits.compactMap { days[$0]?.milliseconds }.max() ?? segment.changed
        }
        return times.withUnsafeBufferPointer { times in
            var line = line
            line.realizationTimes = times
            return body(line)
        }
    }

    /// Knows nothing of anybody for a while but the ID that a line is about.
    func withKeyAlone<Value>(_ body: () -> Value) -> Value {
        isKeyAlone = true
        defer { isKeyAlone = false }
        return body()
    }

    // What lines ask for

    func visitorID(of person: Int, take: (UnsafeRawBufferPointer) -> Void) {
        guard !isKeyAlone, let number = kin.visitorIDs[IDNumber(person)]?.first else { return }
        kin.withText(of: number, take)
    }

    func ids(of person: Int, in dataSource: Int, take: (UnsafeRawBufferPointer) -> Void) {
        for number in kin.ids[dataSource]?[IDNumber(person)] ?? []
        where !isKeyAlone || number == IDNumber(person) { kin.withText(of: number, take) }
    }

    func traits(of person: Int, take: (OutboundTrait) -> Void) {
        guard let facts, !isKeyAlone else { return }
        for (sid, day) in days(of: person).sorted(by: { $0.key < $1.key }) where facts.isSaid(sid) {
            take(
                OutboundTrait(
                    number: sid,
                    kind: facts.isOnboarded(sid) ? .onboarded : .ruleBased,
                    lastRealized: day.milliseconds
                )
            )
        }
    }

    /// The day on which the person behind an ID realized each trait last.
    private func days(of person: Int) -> [SID: Day] {
        guard let facts else { return [:] }
        return kin.person(behind: IDNumber(person)).reduce(into: [:]) { days, number in
            days.merge(facts.days(of: number)) { max($0, $1) }
        }
    }
}
