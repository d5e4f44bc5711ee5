// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

extension Segments {
    /// Changes a segment; its members are found anew where its rule, its merge rule or its state changed.
    ///
    /// A paused segment keeps its members until it goes on.
    ///
    /// - Parameters:
    ///   - sid: Its number.
    ///   - body: Changes what can be changed: name, description, folder, integration code, rule, merge rule, state.
    /// - Returns: The segment.
    /// - Throws: ``Problem`` as making one does, or of kind `people.segment-unknown` or `people.restriction-forbids`.
    package func update(_ sid: SID, _ body: (inout Segment) throws -> Void) throws -> Segment {
        try change { database in
            let old = try SegmentStore().find(sid, in: database)
            var segment = old
            try body(&segment)
            try confirm(
                name: segment.name,
                integrationCode: segment.integrationCode,
                folder: segment.folder,
                in: database
            )
            // A rule that stays may name traits that were deleted meanwhile.
            let rule = try parse(segment.rule, mayLackTraits: segment.rule == old.rule, in: database)
            segment.rule = rule.description
            _ = try MergeRuleStore().find(segment.mergeRule, in: database)
            try Destinations.confirmAllowed(segment, on: service.today, in: database)
            let time = service.world.milliseconds
            try SegmentStore().update(segment, traits: rule.traits, at: time, in: database)
            let isOther =
                segment.rule != old.rule || segment.mergeRule != old.mergeRule || segment.state != old.state
            if segment.state == .active, isOther {
                _ = try SegmentEvaluation(in: database, at: time).evaluate([segment])
            }
            return try SegmentStore().find(sid, in: database)
        }
    }

    /// Deletes a segment; destinations that have its members are told that they left.
    ///
    /// - Parameter sid: Its number.
    /// - Returns: The segment as it was.
    /// - Throws: ``Problem`` of kind `people.segment-unknown`.
    @discardableResult
    package func delete(_ sid: SID) throws -> Segment {
        try change { database in
            let segment = try SegmentStore().find(sid, in: database)
            try SegmentStore().delete(sid, in: database)
            return segment
        }
    }

    /// What deleting a segment takes back.
    ///
    /// - Parameter sid: Its number.
    /// - Returns: For each destination that has members, how many.
    /// - Throws: ``Problem`` of kind `people.segment-unknown`.
    func previewDeletion(of sid: SID) throws -> [DeletedReport.Destination] {
        try service.read { database in
            _ = try SegmentStore().find(sid, in: database)
            return try DestinationStore().holders(of: sid, in: database)
        }
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }
}
