// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// What people do with traits: make, change and delete them.
package struct Traits {
    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes a trait.
    ///
    /// - Parameter make: Makes the trait from its number.
    /// - Returns: The trait.
    /// - Throws: ``Problem`` of kind `people.trait-refused`, `people.rule-refused`, `people.folder-unknown` or
    ///   `people.data-source-unknown`.
    package func create(_ make: (SID) throws -> Trait) throws -> Trait {
        try change { database in
            let trait = try make(Counter.sid.next(in: database))
            try confirm(trait.rule)
            let made = try TraitStore().add(trait, at: service.world.milliseconds, in: database)
            try confirmFolders(of: made, in: database)
            return made
        }
    }

    /// Changes a trait; segments follow at once where they are touched.
    ///
    /// A new rule counts for signals from now on: what was realized stays.
    ///
    /// - Parameters:
    ///   - sid: Its number.
    ///   - body: Changes what can be changed: name, description, folder, integration code, rule, lifetime, and the folder
    ///     that a folder trait sums up.
    /// - Returns: The trait.
    /// - Throws: ``Problem`` as making one does, or of kind `people.trait-unknown`, or `people.restriction-forbids` where
    ///   a folder trait would bring it into a segment that must not be sent.
    package func update(_ sid: SID, _ body: (inout Trait) throws -> Void) throws -> Trait {
        try change { database in
            let old = try TraitStore().find(sid, in: database)
            var trait = old
            try body(&trait)
            guard trait.kind == old.kind else {
                throw Problem(
                    .traitRefused,
                    "Trait \(sid) stays \(old.kind.phrase).",
                    advice: "Make another trait for the other kind.",
                    field: "rule"
                )
            }
            if trait.rule != old.rule { try confirm(trait.rule) }
            let before = try FolderTraits(in: database).over(sid)
            try TraitStore().update(trait, at: service.world.milliseconds, in: database)
            let isMoved = trait.folder != old.folder || trait.summedFolder != old.summedFolder
            if isMoved { try confirmFolders(of: trait, in: database) }
            if isMoved || trait.lifetimeDays != old.lifetimeDays {
                try evaluateSegments(of: before.union([sid]), in: database)
            }
            return trait
        }
    }

    /// Deletes a trait and everything that is known of it.
    ///
    /// - Parameters:
    ///   - sid: Its number.
    ///   - isForced: Whether it goes although segments refer to it, for which nobody has it any more then.
    ///   - isDryRun: Whether nothing is changed.
    /// - Returns: What changed in segments, or would change.
    /// - Throws: ``Problem`` of kind `people.trait-unknown` or `people.trait-in-use`.
    @discardableResult
    package func delete(
        _ sid: SID,
        isForced: Bool = false,
        isDryRun: Bool = false
    ) throws -> [Receipt.Segment] {
        try change { database in
            _ = try TraitStore().find(sid, in: database)
            let segments = try SegmentStore().referring(to: sid, in: database)
            guard segments.isEmpty || isForced else {
                let names = segments.prefix(10).map(String.init).joined(separator: ", ")
                throw Problem(
                    .traitInUse,
                    "Segments refer to trait \(sid): \(names)\(segments.count > 10 ? ", …" : "")."
                )
            }
            let folderTraits = try FolderTraits(in: database).over(sid)
            var changes: [Receipt.Segment] = []
            try database.inSavepoint {
                try TraitStore().delete(sid, in: database)
                changes = try evaluateSegments(of: folderTraits.union([sid]), in: database)
                return isDryRun ? .rollback : .commit
            }
            return changes
        }
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }

    @discardableResult
    private func evaluateSegments(of traits: Set<SID>, in database: Database) throws -> [Receipt.Segment] {
        let segments = try SegmentStore().active(referringTo: traits, in: database)
        return try SegmentEvaluation(in: database, at: service.world.milliseconds).evaluate(segments)
    }

    /// Refuses a place in a folder by which a folder trait would bring it where a restriction forbids it.
    private func confirmFolders(of trait: Trait, in database: Database) throws {
        let isSummed = try !FolderTraits(in: database).over(trait.sid).isEmpty
        guard trait.kind == .folder || isSummed else { return }
        try Destinations.confirmAllAllowed(on: service.today, in: database)
    }

    private func confirm(_ rule: String?) throws {
        guard let rule else { return }
        do {
            _ = try TraitRule.parse(rule)
        } catch {
            throw Problem(.ruleRefused, "The rule can't be used; \(error).", field: "rule")
        }
    }
}

extension Trait.Kind {
    /// The kind as a sentence's end: "the trait stays …".
    fileprivate var phrase: String {
        switch self {
        case .onboarded: "onboarded"
        case .rule: "made by a rule"
        case .folder: "the sum of a folder"
        }
    }
}
