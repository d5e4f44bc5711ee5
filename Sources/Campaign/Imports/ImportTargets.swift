// SPDX-License-Identifier: Apache-2.0

/// The audiences that a run fills, found by the segments that lines name.
struct ImportTargets: Sendable {
    /// An audience and whether it keeps addresses instead of profiles.
    struct Target: Sendable {
        let audience: Audience
        let segment: String
        let isOfAddresses: Bool
    }

    /// The audiences, in the order in which they were made.
    let all: [Target]

    private let byNumber: [UInt64: [UInt32]]
    private let byAlias: [String: [UInt32]]

    /// Collects the audiences that follow a data source.
    init(_ audiences: [Audience]) {
        all = audiences.compactMap { audience in
            guard let definition = audience.definition else { return nil }
            if case .file = audience.kind {
                return Target(audience: audience, segment: definition.segment, isOfAddresses: true)
            }
            return Target(audience: audience, segment: definition.segment, isOfAddresses: false)
        }
        var byNumber: [UInt64: [UInt32]] = [:]
        var byAlias: [String: [UInt32]] = [:]
        for (position, target) in all.enumerated() {
            if let number = UInt64(target.segment) {
                byNumber[number, default: []].append(UInt32(position))
            } else {
                byAlias[target.segment, default: []].append(UInt32(position))
            }
        }
        self.byNumber = byNumber
        self.byAlias = byAlias
    }

    /// Whether any audience keeps addresses.
    var hasAddresses: Bool { all.contains { $0.isOfAddresses } }

    /// The positions of the audiences that ask for a segment.
    func positions(number: UInt64) -> [UInt32] {
        byNumber[number] ?? []
    }

    /// The positions of the audiences that ask for a segment by its alias.
    func positions(alias: UnsafeRawBufferPointer) -> [UInt32] {
        byAlias.isEmpty ? [] : byAlias[String(decoding: alias, as: UTF8.self)] ?? []
    }
}

/// What a line asks for: a target to enter or to leave, in 32 bits.
struct MembershipChange {
    private let bits: UInt32

    init(target: UInt32, isRemoval: Bool) {
        bits = target << 1 | (isRemoval ? 1 : 0)
    }

    var target: Int { Int(bits >> 1) }
    var isRemoval: Bool { bits & 1 == 1 }
}
