// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// Whose traits count for whom under one merge rule, for the IDs that a change touches.
///
/// A device has its own traits and those of the declared IDs that the rule counts for it. A declared ID is a member of
/// a segment if one of the devices that count it is, or, while no device does, if its own traits suffice.
struct SegmentEvidence: Sendable {
    /// A bit for each position.
    typealias Bits = ContiguousArray<UInt64>

    /// The IDs that are looked at.
    let positions: IDPositions
    /// The IDs whose membership follows from what is looked at; those who opted out are in no segment.
    let decided: MemberSet

    /// For whom else the traits of a position count.
    private let sources: PositionPairs
    /// The declared IDs that a device counts.
    private let choices: PositionPairs
    /// Positions of those who are ``decided``.
    let decidedBits: Bits
    /// Those who are ``decided`` and have no position, since they are in no segment.
    let outside: MemberSet
    /// Positions whose own traits count.
    private let own: Bits
    /// Positions of declared IDs that a device counts.
    private let chosen: Bits

    /// Finds out who has to be looked at.
    ///
    /// - Parameters:
    ///   - touched: IDs whose traits or links changed.
    ///   - rule: The merge rule.
    ///   - optedOut: IDs that count for nobody.
    ///   - database: The database, with the changes.
    /// - Throws: What the database answers.
    init(touched: MemberSet, _ rule: MergeRule, without optedOut: MemberSet, in database: Database) throws {
        let allDeclared = try Self.allDeclared(in: database)
        let out = touched.intersection(optedOut)
        guard rule.across != .none else {
            decided = touched.subtracting(allDeclared).union(out)
            positions = IDPositions(decided.subtracting(optedOut))
            own = positions.bits(of: positions.members)
            decidedBits = own
            outside = out
            chosen = Bits(repeating: 0, count: positions.wordCount)
            sources = PositionPairs([], [], among: 0)
            choices = PositionPairs([], [], among: 0)
            return
        }
        let links = LinkStore()
        let ofSources = try rule.sources.map {
            try IDStore().members(of: .dataSource($0), in: database).subtracting(optedOut)
        }
        let declaredIDs = MemberSet.union(of: ofSources)
        // A declared ID counts for its devices, and other declared IDs follow these: two links away. In a graph a
        // device counts for those that share a declared ID with it, and declared IDs follow these: three links away.
        var affected = touched
        var latest = touched
        for _ in 0..<(rule.devices == .graph ? 3 : 2) {
            latest = try links.partners(of: latest, in: database).subtracting(affected)
            affected = affected.union(latest)
        }
        let declared = affected.intersection(declaredIDs)
        // The partners of all others are affected already.
        let outermost = try links.partners(of: latest.intersection(declaredIDs), in: database)
        let devices = affected.union(outermost).subtracting(allDeclared).subtracting(optedOut)
        var found = FoundPairs()
        let lookup = ofSources.map { IDLookup($0, times: devices.count) }
        let isGraph = rule.devices == .graph
        try links.forEach(of: devices, in: database) { device, links in
            found.noteCounted(links, of: device, rule.across, lookup, withAll: isGraph)
        }
        var looked = MemberSet.union(of: [devices, declared, Self.set(found.counted), Self.set(found.all)])
        var devicesOfDeclared: [IDNumber: [IDNumber]] = [:]
        if isGraph {
            try links.forEach(of: looked.intersection(declaredIDs), in: database) { number, links in
                devicesOfDeclared[number] = links.map(\.partner).filter { !optedOut.contains($0) }
            }
            looked = looked.union(MemberSet(devicesOfDeclared.values.lazy.flatMap { $0 }))
        }
        let positions = IDPositions(looked)
        self.positions = positions
        decided = MemberSet.union(of: [affected.subtracting(allDeclared), declared, out])
        decidedBits = positions.bits(of: decided)
        outside = decided.subtracting(looked)
        own = positions.bits(of: rule.devices == .none ? looked.intersection(declaredIDs) : looked)
        chosen = positions.bits(of: Self.set(found.counted))
        var (targets, counted) = (
            Self.positions(of: found.counting, positions), Self.positions(of: found.counted, positions)
        )
        choices = PositionPairs(targets, counted, among: positions.count)
        if isGraph {
            for (device, others) in found.others(devicesOfDeclared) {
                guard let target = positions.position(of: device) else { continue }
                for other in others {
                    guard let source = positions.position(of: other) else { continue }
                    targets.append(UInt32(target))
                    counted.append(UInt32(source))
                }
            }
        }
        sources = PositionPairs(counted, targets, among: positions.count)
    }

    /// The bits of those to whom something applies, their own or that of others who count for them.
    func gathered(_ bits: Bits) -> Bits {
        var result = masked(bits)
        result.withUnsafeMutableBufferPointer { result in
            sources.forEach(bits) { _, target in result[target / 64] |= 1 << UInt64(target % 64) }
        }
        return result
    }

    /// The same without joining, for counting: in no array does anybody count twice.
    func separately(_ bits: Bits) -> [Bits] {
        var results = [masked(bits)]
        sources.forEach(bits) { _, target in
            let bit: UInt64 = 1 << UInt64(target % 64)
            var place = 0
            while place < results.count, results[place][target / 64] & bit != 0 { place += 1 }
            if place == results.count { results.append(Bits(repeating: 0, count: bits.count)) }
            results[place][target / 64] |= bit
        }
        return results
    }

    /// Lets declared IDs follow the devices that count them.
    ///
    /// - Parameter bits: For whom a rule holds, each seen alone.
    /// - Returns: The bits of the members among ``decided``.
    func members(_ bits: Bits) -> Bits {
        var result = bits
        for word in result.indices { result[word] &= ~chosen[word] }
        result.withUnsafeMutableBufferPointer { result in
            choices.forEach(bits) { _, declared in result[declared / 64] |= 1 << UInt64(declared % 64) }
        }
        for word in result.indices { result[word] &= decidedBits[word] }
        return result
    }

    private func masked(_ bits: Bits) -> Bits {
        var result = bits
        for word in result.indices { result[word] &= own[word] }
        return result
    }

    /// The set of some numbers in any order.
    private static func set(_ numbers: [IDNumber]) -> MemberSet {
        let builder = MemberSetBuilder()
        numbers.withUnsafeBufferPointer { builder.insert(contentsOf: $0) }
        return builder.added
    }

    /// The positions of IDs, all of which have one.
    private static func positions(of numbers: [IDNumber], _ positions: IDPositions) -> ContiguousArray<UInt32>
    {
        ContiguousArray(numbers.map { UInt32(positions.position(of: $0) ?? 0) })
    }

    private static func allDeclared(in database: Database) throws -> MemberSet {
        let numbers = try Int.fetchAll(
            database,
            sql: "SELECT number FROM data_sources WHERE id_type = 'cross-device' ORDER BY number LIMIT 100000"
        )
        return MemberSet.union(
            of: try numbers.map { try IDStore().members(of: .dataSource($0), in: database) }
        )
    }
}
