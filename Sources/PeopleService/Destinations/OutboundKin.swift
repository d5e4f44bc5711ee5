// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// The other IDs of people, by their links, for the lines of an outbound run.
///
/// Links are followed directly, and between two declared IDs, or two devices, also by way of the person
/// (``OutboundDetails``). Of the key data source itself a declared ID is the only one of its person. Lists begin
/// with the link that was seen last.
final class OutboundKin {
    /// The visitor IDs of each person.
    private(set) var visitorIDs: [IDNumber: [IDNumber]] = [:]
    /// By the number of a data source as the template names it: its IDs of each person.
    private(set) var ids: [DataSourceNumber: [IDNumber: [IDNumber]]] = [:]
    /// All IDs that are linked with those that were read ahead.
    private(set) var partners = MemberSet.empty

    private let wantsPerson: Bool
    private let isOfDevices: Bool
    private let key: MemberSet
    private let visitors: MemberSet?
    private let listed: [(number: DataSourceNumber, isKey: Bool, isOfDevices: Bool, members: MemberSet)]
    /// The IDs of each cross-device data source, to tell who signed in last.
    private let declared: [MemberSet]
    private let gone: MemberSet
    private var people = MemberSet.empty
    private var links: [IDNumber: [Link]] = [:]
    private var partnerLinks: [IDNumber: [Link]] = [:]
    private var places: [IDNumber: Range<Int>] = [:]
    private var texts: [UInt8] = []

    /// Prepares to read.
    ///
    /// - Parameters:
    ///   - key: The data source of the IDs that lines are about.
    ///   - listed: Data sources whose IDs lines list.
    ///   - wantsVisitorIDs: Whether lines name visitor IDs.
    ///   - wantsPerson: Whether ``person(behind:)`` will be asked.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(
        key: DataSourceNumber,
        listed: Set<DataSourceNumber>,
        wantsVisitorIDs: Bool,
        wantsPerson: Bool,
        in database: Database
    ) throws {
        let store = IDStore()
        let sources = try DataSourceStore().list(limit: 100_000, in: database)
        let source = try DataSourceStore().find(key, in: database)
        isOfDevices = source.idType.isOfDevices
        self.key = try store.members(of: .dataSource(source.namespace), in: database)
        self.listed = try sources.filter { listed.contains($0.number) }.map { other in
            (
                number: other.number, isKey: other.namespace == source.namespace,
                isOfDevices: other.idType.isOfDevices,
                members: try store.members(of: .dataSource(other.namespace), in: database)
            )
        }
        visitors =
            wantsVisitorIDs
            ? MemberSet.union(
                of: try sources.filter { $0.idSpelling == .visitorID && $0.namespace == $0.number }
                    .map { try store.members(of: .dataSource($0.number), in: database) }
            ) : nil
        let isOfDevices = isOfDevices
        self.wantsPerson =
            wantsPerson || (isOfDevices && wantsVisitorIDs)
            || self.listed.contains { $0.isOfDevices == isOfDevices && (isOfDevices || !$0.isKey) }
        declared =
            isOfDevices && self.wantsPerson
            ? try sources.filter { $0.idType == .crossDevice && $0.namespace == $0.number }
                .map { try store.members(of: .dataSource($0.number), in: database) } : []
        gone = try store.gone(in: database)
    }

    /// Reads what lines about some IDs ask for; what was read before is forgotten.
    func load(_ people: MemberSet, in database: Database) throws {
        self.people = people
        links = try Self.links(of: people, in: database)
        partners = try LinkStore().partners(of: people, in: database)
        partnerLinks = wantsPerson ? try Self.links(of: partners, in: database) : [:]
        visitorIDs = [:]
        ids = [:]
        let named = MemberSetBuilder()
        people.forEach { number in
            if let visitors {
                let found = linked(with: number, visitors, areDevices: true)
                visitorIDs[number] = found
                if let first = found.first { named.insert(first) }
            }
            for source in listed {
                var found = source.isKey ? [number] : []
                if !source.isKey || isOfDevices {
                    found += linked(with: number, source.members, areDevices: source.isOfDevices)
                }
                ids[source.number, default: [:]][number] = found
                for other in found { named.insert(other) }
            }
        }
        places.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        try IDStore().forEach(of: named.added, in: database) { number, _, text in
            let start = texts.count
            texts.append(contentsOf: text)
            places[number] = start..<texts.count
        }
    }

    /// Hands over the text of an ID that was read; nothing for one that was forgotten.
    func withText(of number: IDNumber, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard let place = places[number] else { return }
        texts.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[place])) }
    }

    /// An ID with those of the other kind that are surely the same person's: the last to sign in counts.
    func person(behind number: IDNumber) -> [IDNumber] {
        guard isOfDevices else {
            let devices = (links[number] ?? []).map(\.partner).filter { device in
                partnerLinks[device]?.first { key.contains($0.partner) }?.partner == number
            }
            return [number] + devices
        }
        let signedIn = links[number] ?? []
        return [number]
            + declared.compactMap { source in signedIn.first { source.contains($0.partner) }?.partner }
    }

    /// The IDs of a set that belong to the person behind an ID, the ID itself left out, the latest first.
    private func linked(with number: IDNumber, _ members: MemberSet, areDevices: Bool) -> [IDNumber] {
        var found: [Link]
        if areDevices != isOfDevices {
            found = links[number] ?? []
        } else {
            found = person(behind: number).dropFirst().flatMap { partnerLinks[$0] ?? [] }
            // Other IDs of the same device, and its person's other devices.
            if isOfDevices { found += links[number] ?? [] }
            found.sort { $0.time > $1.time }
        }
        let isGone = gone.contains(number)
        var seen: Set<IDNumber> = [number]
        return found.compactMap { link in
            guard members.contains(link.partner), isGone || !gone.contains(link.partner) else { return nil }
            return seen.insert(link.partner).inserted ? link.partner : nil
        }
    }

    /// The links of each ID that has any, the latest first.
    private static func links(of members: MemberSet, in database: Database) throws -> [IDNumber: [Link]] {
        var found: [IDNumber: [Link]] = [:]
        try LinkStore().forEach(of: members, in: database) { number, links in
            found[number] = links.reversed()
        }
        return found
    }
}
