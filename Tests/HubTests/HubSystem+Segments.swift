// SPDX-License-Identifier: Apache-2.0

import Storage

@testable import Campaign

// Both systems have a store of segments; this file sees Campaign's alone.
extension HubSystem {
    /// Whether Campaign knows a segment's name.
    func knowsSegment(_ name: String) throws -> Bool {
        try campaign.read { try SegmentStore().isKnown(name, in: $0) }
    }

    /// The number under which Campaign shares into a segment.
    func segmentNumber(_ name: String) throws -> Int64 {
        try campaign.write { try SegmentStore().number(named: name, isMaking: true, in: $0) }
    }
}
