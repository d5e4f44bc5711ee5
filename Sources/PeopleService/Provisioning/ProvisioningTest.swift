// SPDX-License-Identifier: Apache-2.0

import GRDB
import Provisioning
import Storage

/// What the ten people of a provisioning test need on the side of the People service.
struct ProvisioningTest {
    private let made: Provisioned
    private let name: String
    private let time: Int64

    /// The test of an installation.
    ///
    /// - Parameters:
    ///   - made: The data sources and destinations that were made.
    ///   - time: Now, in milliseconds since 1970.
    init(of made: Provisioned, at time: Int64) {
        self.made = made
        self.time = time
        name = "Provisioning test \(made.request.request)"
    }

    /// Makes the trait and the segment of the test, and maps the segment to the destination of its IDs.
    ///
    /// - Parameter database: The database, in a change.
    /// - Returns: What was made; nothing without a data source that has a destination.
    /// - Throws: What the database answers.
    func make(in database: Database) throws -> Provisioned.Test? {
        guard let source = made.sources.first(where: { $0.kind == .declared }) ?? made.sources.first,
            let destination = source.destination
        else { return nil }
        let trait = try TraitStore().add(at: time, in: database) { sid in
            // Whom a test left behind is forgotten the next day.
            Trait(
                sid: sid,
                name: name,
                description: "",
                dataSource: source.number,
                rule: nil,
                lifetimeDays: 1
            )
        }
        let usual = try MergeRuleStore().defaultRule(in: database)
        let own =
            source.kind == .declared && !usual.lets(outUnder: source.number)
            ? try addMergeRule(for: source, in: database) : nil
        let segment = try addSegment(of: trait, for: source, mergeRule: own ?? usual.number, in: database)
        try DestinationStore().map(
            SegmentMapping(
                destination: destination,
                segment: segment,
                alias: String(segment),
                start: nil,
                end: nil,
                sentCount: 0,
                sentAt: nil
            ),
            in: database
        )
        return Provisioned.Test(kind: source.kind, trait: trait.sid, segment: segment, mergeRule: own)
    }

    /// A merge rule that lets people out under the IDs of the data source, where the default one doesn't.
    private func addMergeRule(for source: Provisioned.Source, in database: Database) throws -> Int {
        try MergeRuleStore().add(
            MergeRule(
                number: 0,
                name: name,
                across: .last,
                devices: .device,
                sources: [source.number],
                isDefault: false,
                restrictions: []
            ),
            at: time,
            in: database
        )
        .number
    }

    private func addSegment(
        of trait: Trait,
        for source: Provisioned.Source,
        mergeRule: Int,
        in database: Database
    ) throws -> SID {
        let sid = try Counter.sid.next(in: database)
        let rule = try SegmentRule.parse("\(trait.sid)T")
        try SegmentStore().add(
            Segment(
                sid: sid,
                name: name,
                description: "",
                dataSource: source.number,
                folder: nil,
                integrationCode: nil,
                rule: rule.description,
                mergeRule: mergeRule,
                state: .active,
                size: 0,
                evaluated: time
            ),
            traits: rule.traits,
            at: time,
            in: database
        )
        return sid
    }
}
