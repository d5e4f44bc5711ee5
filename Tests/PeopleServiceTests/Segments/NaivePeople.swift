// SPDX-License-Identifier: Apache-2.0

@testable import PeopleService

/// The People service as one would write it without a thought for speed: the reference of the property test.
struct NaivePeople {
    /// A link of a device and a declared ID.
    struct Pair {
        var device: String
        var declared: String
        var time: Int
        var state: Link.State
    }

    struct Rule {
        var across: MergeRule.Across
        var devices: MergeRule.Devices
        var sources: Set<Int>
    }

    /// How often an ID realized a trait on which day.
    var realizations: [String: [SID: [Day: Int]]] = [:]
    var links: [Pair] = []
    var lifetimes: [SID: Int] = [:]
    var onboarded: Set<SID> = []

    mutating func realize(_ id: String, _ trait: SID, on day: Day) {
        if onboarded.contains(trait) {
            realizations[id, default: [:]][trait] = [day: 1]
        } else {
            realizations[id, default: [:]][trait, default: [:]][day, default: 0] += 1
        }
    }

    mutating func remove(_ id: String, _ trait: SID) {
        realizations[id]?[trait] = nil
    }

    mutating func link(
        _ device: String,
        _ declared: String,
        time: Int,
        _ state: Link.State = .authenticated
    ) {
        if let index = links.firstIndex(where: { $0.device == device && $0.declared == declared }) {
            guard links[index].time <= time else { return }
            links.remove(at: index)
        }
        links.append(Pair(device: device, declared: declared, time: time, state: state))
        let source = declared.prefix { $0 != ":" } + ":"
        let same = links.indices.filter { links[$0].device == device && links[$0].declared.hasPrefix(source) }
        guard same.count > 10, let oldest = same.min(by: { links[$0].time < links[$1].time }) else { return }
        links.remove(at: oldest)
    }

    /// Who is in a segment, devices and declared IDs.
    func members(
        _ segment: SegmentRule,
        _ rule: Rule,
        devices: Set<String>,
        declared: Set<String>,
        on today: Day
    ) -> Set<String> {
        var members: Set<String> = []
        var counting: [String: [String]] = [:]
        for device in devices {
            let counted = counted(device, rule)
            for id in counted { counting[id, default: []].append(device) }
            var seen = counted
            if rule.devices != .none { seen.append(device) }
            if rule.devices == .graph {
                let people = Set(
                    links.filter { $0.device == device && isOf($0.declared, rule) }.map(\.declared)
                )
                let others = Set(links.filter { people.contains($0.declared) }.map(\.device)).subtracting([
                    device
                ])
                seen += others
            }
            if segment.holds(for: joined(seen, today), on: today) { members.insert(device) }
        }
        for id in declared where isOf(id, rule) && rule.across != .none {
            if let devices = counting[id] {
                if devices.contains(where: members.contains) { members.insert(id) }
            } else if segment.holds(for: joined([id], today), on: today) {
                members.insert(id)
            }
        }
        return members
    }

    private func isOf(_ id: String, _ rule: Rule) -> Bool {
        id.split(separator: ":").first.flatMap { Int($0) }.map(rule.sources.contains) ?? false
    }

    private func counted(_ device: String, _ rule: Rule) -> [String] {
        let mine = links.filter { $0.device == device && isOf($0.declared, rule) }
        switch rule.across {
        case .none: return []
        case .all: return mine.map(\.declared)
        case .last, .current:
            return rule.sources.compactMap { source in
                let latest = mine.filter { $0.declared.hasPrefix("\(source):") }
                    .enumerated()
                    .max { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }?
                    .element
                guard let latest, rule.across == .last || latest.state == .authenticated else { return nil }
                return latest.declared
            }
        }
    }

    private func joined(_ ids: [String], _ today: Day) -> [SID: [Day: Int]] {
        var joined: [SID: [Day: Int]] = [:]
        for id in ids {
            for (trait, days) in realizations[id] ?? [:] {
                for (day, count) in days {
                    if let lifetime = lifetimes[trait], lifetime > 0, today - day > lifetime { continue }
                    joined[trait, default: [:]][day, default: 0] += count
                }
            }
        }
        return joined
    }
}
