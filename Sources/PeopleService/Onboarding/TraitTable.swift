// SPDX-License-Identifier: Apache-2.0

import Problems

/// The traits that the lines of one file may realize, by the signals that name them; shared by all workers.
struct TraitTable: Sendable {
    /// All traits of the installation, in a fixed order; operations name them by their place.
    let traits: [Trait]

    /// The data source whose onboarded traits a file may add and remove.
    let owner: DataSourceNumber

    /// The rules of the rule-based traits.
    let matcher: TraitMatcher

    /// The place of each trait of the matcher among all.
    let ruledPlaces: [Int32]

    private let places: [SID: Int32]

    /// Compiles the rules of the traits.
    ///
    /// - Parameters:
    ///   - traits: All traits of the installation.
    ///   - owner: The data source that owns the traits that a file names by number.
    /// - Throws: ``Problem`` of kind `people.rule-refused` for a rule that an older version accepted.
    init(_ traits: [Trait], owner: DataSourceNumber) throws {
        self.traits = traits
        self.owner = owner
        places = Dictionary(uniqueKeysWithValues: traits.indices.map { (traits[$0].sid, Int32($0)) })
        let ruled = traits.indices.filter { traits[$0].kind == .rule }
        ruledPlaces = ruled.map { Int32($0) }
        matcher = TraitMatcher(try ruled.map { (traits[$0].sid, try traits[$0].parsedRule()) })
    }

    /// The place of a trait that lines may add and remove by its number; none for one that is not there, not
    /// onboarded, or of another data source.
    @inline(__always)
    func place(of sid: UInt64) -> Int32? {
        guard let place = places[Int(truncatingIfNeeded: sid)] else { return nil }
        let trait = traits[Int(place)]
        return trait.isOnboarded && trait.dataSource == owner ? place : nil
    }
}

extension Trait {
    /// The rule of a rule-based trait.
    ///
    /// - Throws: ``Problem`` of kind `people.rule-refused`.
    func parsedRule() throws -> TraitRule {
        do {
            return try TraitRule.parse(rule ?? "")
        } catch {
            throw Problem(.ruleRefused, "The rule of trait \(sid): \(error)", field: "rule")
        }
    }
}
