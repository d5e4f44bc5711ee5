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
            return try TraitStore().add(trait, at: service.world.milliseconds, in: database)
        }
    }

    /// Changes a trait; segments follow at once where they are touched.
    ///
    /// A new rule counts for signals from now on: what was realized stays.
    ///
    /// - Parameters:
    ///   - sid: Its number.
    ///   - body: Changes what can be changed: name, description, folder, integration code, rule and lifetime.
    /// - Returns: The trait.
    /// - Throws: ``Problem`` as making one does, or of kind `people.trait-unknown`.
    package func update(_ sid: SID, _ body: (inout Trait) throws -> Void) throws -> Trait {
        try change { database in
            let old = try TraitStore().find(sid, in: database)
            var trait = old
            try body(&trait)
            guard trait.isOnboarded == old.isOnboarded else {
                throw Problem(
                    .traitRefused,
                    "Trait \(sid) stays \(old.isOnboarded ? "onboarded" : "made by a rule").",
                    advice: "Make another trait for the other kind.",
                    field: "rule"
                )
            }
            if trait.rule != old.rule { try confirm(trait.rule) }
            try TraitStore().update(trait, at: service.world.milliseconds, in: database)
            if trait.lifetimeDays != old.lifetimeDays { try evaluateSegments(of: sid, in: database) }
            return trait
        }
    }

    /// Deletes a trait and everything that is known of it.
    ///
    /// - Parameters:
    ///   - sid: Its number.
    ///   - isForced: Whether it goes although segments refer to it, for which nobody has it any more then.
    /// - Returns: What changed in segments.
    /// - Throws: ``Problem`` of kind `people.trait-unknown` or `people.trait-in-use`.
    @discardableResult
    package func delete(_ sid: SID, isForced: Bool = false) throws -> [Receipt.Segment] {
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
            try TraitStore().delete(sid, in: database)
            return try evaluateSegments(of: sid, in: database)
        }
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }

    @discardableResult
    private func evaluateSegments(of sid: SID, in database: Database) throws -> [Receipt.Segment] {
        let segments = try SegmentStore().active(referringTo: [sid], in: database)
        return try SegmentEvaluation(in: database, at: service.world.milliseconds).evaluate(segments)
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
