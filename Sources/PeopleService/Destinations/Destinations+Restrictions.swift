// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import GRDB
import Problems

extension Destinations {
    /// Refuses a change of a segment that a restriction forbids at any destination that it is sent to.
    ///
    /// - Throws: ``Problem`` of kind `people.restriction-forbids`, which names the trait and the rule.
    static func confirmAllowed(_ segment: Segment, on today: Day, in database: Database) throws {
        let destinations = try Int.fetchAll(
            database,
            sql: """
                SELECT destination FROM mappings WHERE segment = ? AND (end_day IS NULL OR end_day >= ?)
                ORDER BY destination
                """,
            arguments: [segment.sid, today.number]
        )
        for number in destinations {
            try confirmAllowed(segment, DestinationStore().find(number, in: database), in: database)
        }
    }

    /// Refuses labels of a destination that a restriction forbids for any segment that is sent to it.
    ///
    /// - Throws: ``Problem`` of kind `people.restriction-forbids`, which names the trait and the rule.
    static func confirmAllowed(_ destination: Destination, on today: Day, in database: Database) throws {
        guard !destination.labels.isEmpty else { return }
        let segments = try Int.fetchAll(
            database,
            sql: """
                SELECT segment FROM mappings JOIN segments ON segments.sid = mappings.segment
                WHERE destination = ? AND (end_day IS NULL OR end_day >= ?) ORDER BY segment
                """,
            arguments: [destination.number, today.number]
        )
        for sid in segments {
            try confirmAllowed(SegmentStore().find(sid, in: database), destination, in: database)
        }
    }

    /// Refuses a change of restrictions that forbids what is sent already.
    ///
    /// - Throws: ``Problem`` of kind `people.restriction-forbids`, which names the trait and the rule.
    static func confirmAllAllowed(on today: Day, in database: Database) throws {
        for destination in try DestinationStore().list(limit: Destination.limit, in: database) {
            try confirmAllowed(destination, on: today, in: database)
        }
    }

    /// Refuses a mapping that a restriction forbids (domain: data export controls).
    static func confirmAllowed(
        _ segment: Segment,
        _ destination: Destination,
        in database: Database
    ) throws {
        if let problem = try restriction(segment, destination, in: database) { throw problem }
    }

    /// Why a restriction forbids that a segment is sent to a destination; the first reason of several.
    static func restriction(_ segment: Segment, _ destination: Destination, in database: Database) throws
        -> Problem?
    {
        guard !destination.labels.isEmpty else { return nil }
        func problem(_ restrictions: Set<ExportRestriction>, _ owner: String) -> Problem? {
            guard let broken = restrictions.intersection(destination.labels).min() else { return nil }
            return Problem(
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
            // Nobody has a trait that was deleted.
            guard let trait = try TraitStore().findIfThere(sid, in: database) else { continue }
            let owner = "trait \(sid) (data source \(trait.dataSource))"
            let restrictions = try store.restrictions(of: trait.dataSource, in: database)
            if let found = problem(restrictions, owner) { return found }
            guard let folder = trait.summedFolder else { continue }
            for part in try FolderTraits(in: database).summed(in: folder) {
                let source = try TraitStore().find(part, in: database).dataSource
                let owner = "trait \(part) (data source \(source)) in folder trait \(sid)"
                let restrictions = try store.restrictions(of: source, in: database)
                if let found = problem(restrictions, owner) { return found }
            }
        }
        let rule = try MergeRuleStore().find(segment.mergeRule, in: database)
        if let found = problem(rule.restrictions, "merge rule “\(rule.name)”") { return found }
        for source in rule.sources {
            let owner = "data source \(source) of merge rule “\(rule.name)”"
            if let found = problem(try store.restrictions(of: source, in: database), owner) { return found }
        }
        for source in destination.listedDataSources {
            let owner = "data source \(source), whose IDs its template lists,"
            if let found = problem(try store.restrictions(of: source, in: database), owner) { return found }
        }
        return nil
    }
}

extension Destination {
    /// The data sources whose IDs the template lists besides those of the key.
    fileprivate var listedDataSources: [DataSourceNumber] {
        guard let template,
            let parsed = try? OutboundTemplate(
                fileName: template.fileName,
                header: template.header,
                content: template.content
            )
        else { return [] }
        return parsed.dataSources.sorted()
    }
}
