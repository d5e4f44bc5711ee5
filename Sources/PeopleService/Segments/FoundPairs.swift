// SPDX-License-Identifier: Apache-2.0

import Matching

/// Which declared IDs count for which devices under a merge rule, as links say.
struct FoundPairs {
    /// The devices, one for each pair.
    private(set) var counting: [IDNumber] = []
    /// The declared IDs that they count.
    private(set) var counted: [IDNumber] = []
    /// For a graph: all declared IDs of the rule's data sources that devices are linked with, and the devices.
    private(set) var all: [IDNumber] = []
    private var linked: [IDNumber] = []

    /// Notes what a device counts.
    ///
    /// - Parameters:
    ///   - links: The links of the device, the oldest first.
    ///   - device: The device.
    ///   - across: Which declared IDs the rule counts.
    ///   - sources: The IDs of each data source of the rule.
    ///   - withAll: Whether to note all linked IDs too.
    mutating func noteCounted(
        _ links: LinkList,
        of device: IDNumber,
        _ across: MergeRule.Across,
        _ sources: [IDLookup],
        withAll: Bool
    ) {
        switch across {
        case .none:
            break
        case .all:
            for place in 0..<links.count where Self.contains(links[place].partner, in: sources) {
                count(links[place].partner, for: device)
            }
        case .last, .current:
            for index in sources.indices {
                let source = sources[index]
                var place = links.count - 1
                while place >= 0, !source.contains(links[place].partner) { place -= 1 }
                guard place >= 0, across == .last || links[place].state == .authenticated else { continue }
                count(links[place].partner, for: device)
            }
        }
        guard withAll else { return }
        for place in 0..<links.count where Self.contains(links[place].partner, in: sources) {
            all.append(links[place].partner)
            linked.append(device)
        }
    }

    @inline(__always)
    private static func contains(_ number: IDNumber, in sources: [IDLookup]) -> Bool {
        for place in sources.indices where sources[place].contains(number) { return true }
        return false
    }

    /// The other devices that share a declared ID with each device, each once.
    ///
    /// - Parameter devices: The devices of each declared ID.
    /// - Returns: Each device with the others.
    func others(_ devices: [IDNumber: [IDNumber]]) -> [(device: IDNumber, others: Set<IDNumber>)] {
        var result: [(device: IDNumber, others: Set<IDNumber>)] = []
        for (device, declared) in zip(linked, all) {
            if result.last?.device != device { result.append((device, [])) }
            result[result.count - 1].others.formUnion(devices[declared] ?? [])
            result[result.count - 1].others.remove(device)
        }
        return result
    }

    private mutating func count(_ declared: IDNumber, for device: IDNumber) {
        counting.append(device)
        counted.append(declared)
    }
}

/// A set that is asked about one number after the other: as bits if that pays.
struct IDLookup {
    private static let timesForBits = 20_000

    private let members: MemberSet
    private let flags: NumberFlags?

    /// Prepares to ask about so many numbers.
    init(_ members: MemberSet, times: Int) {
        self.members = members
        flags = times > Self.timesForBits ? NumberFlags(members) : nil
    }

    /// Whether a number is in the set.
    @inline(__always)
    func contains(_ number: IDNumber) -> Bool { flags?.contains(number) ?? members.contains(number) }
}
