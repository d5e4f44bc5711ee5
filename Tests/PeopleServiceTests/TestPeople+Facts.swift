// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import PeopleService

/// What is known of IDs, each written as `number:ID`.
extension TestPeople {
    /// The traits that an ID has today.
    func traits(of id: String) throws -> Set<SID> {
        let number = try number(of: id)
        return try service.read { database in
            var found: Set<SID> = []
            for trait in try TraitStore().all(in: database) {
                let members = try RealizationStore().members(of: trait, on: today, in: database)
                if let number, members.contains(number) { found.insert(trait.sid) }
            }
            return found
        }
    }

    /// The IDs that an ID is linked with, the oldest link first.
    func partners(of id: String) throws -> [String] {
        guard let number = try number(of: id) else { return [] }
        return try service.read { database in
            var partners: [IDNumber] = []
            try LinkStore().forEach(of: MemberSet([number]), in: database) { partners = $1.map(\.partner) }
            var names: [IDNumber: String] = [:]
            try IDStore().forEach(of: MemberSet(partners), in: database) {
                names[$0] = "\($1):\(String(decoding: $2, as: UTF8.self))"
            }
            return partners.compactMap { names[$0] }
        }
    }

    /// Whether an ID was ever met.
    func knows(_ id: String) throws -> Bool { try number(of: id) != nil }

    /// The records of rejected lines of a run: file, line, state, reason, and the line itself.
    func rejected(_ receipt: Receipt) throws -> [[String]] {
        guard let file = receipt.rejectedFile else { return [] }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(service.directory.rejected)/\(file)"))
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
            .filter { !$0.hasPrefix("#") }
            .map {
                $0.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            }
    }

    /// Opts an ID out as the store keeps it.
    func optOut(_ id: String) throws {
        let number = try #require(try number(of: id))
        try service.write { database in
            try IDStore().change(.optedOut, in: database) { $0.union(MemberSet([number])) }
        }
    }

    func number(of id: String) throws -> IDNumber? {
        let parts = id.split(separator: ":", maxSplits: 1)
        return try IDDirectory(service).number(of: String(parts[1]), try #require(Int(parts[0])))
    }
}

extension TestPeople {
    /// The IDs of a set, as `number:ID`.
    func names(_ members: MemberSet) throws -> Set<String> {
        try service.read { database in
            var names: Set<String> = []
            try IDStore().forEach(of: members, in: database) {
                names.insert("\($1):\(String(decoding: $2, as: UTF8.self))")
            }
            return names
        }
    }

    /// Notes a link with any state, as a browser does.
    func link(_ device: String, _ declared: String, time: UInt32, _ state: Link.State) throws {
        let (one, other) = (try #require(try number(of: device)), try #require(try number(of: declared)))
        let link = FoundLink(device: one, partner: other, time: time, state: state)
        let members = try service.read { database in
            try [200, 201].map { try IDStore().members(of: .dataSource($0), in: database) }
        }
        let devices = try service.read { try IDStore().devices(in: $0) }
        try service.write { database in
            let effect = try LinkStore().add(
                [link],
                end: {
                    if devices.contains($0) { return .device }
                    return .declared(members[0].contains($0) ? 200 : 201)
                },
                in: database
            )
            _ = try SegmentEvaluation(in: database, at: service.world.milliseconds)
                .update(SegmentEvaluation.Scope(touched: effect.touched, traits: nil))
        }
    }
}
