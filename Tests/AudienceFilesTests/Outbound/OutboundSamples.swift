// SPDX-License-Identifier: Apache-2.0

import AudienceFiles

extension OutboundValues {
    /// The values of the vendor's examples.
    static func sample(
        mode: SyncMode = .iter,
        key: Key = .declaredID,
        alias: String? = "Customer"
    ) -> OutboundValues {
        OutboundValues(
            syncType: .s3,
            mode: mode,
            destination: 1234,
            keyDataSource: 20914,
            key: key,
            dataProvider: 888,
            partner: 1159,
            alias: alias,
            timestamp: 1_486_140_844_000
        )
    }
}

extension LineRenderer {
    /// Adds a line made of arrays.
    func append(
        id: [UInt8],
        added: [UInt32],
        removed: [UInt32] = [],
        times: [Int64] = [],
        details: (any OutboundLineDetails)? = nil,
        to lines: RenderedLines
    ) -> LineProblem {
        id.withUnsafeBytes { id in
            added.withUnsafeBufferPointer { added in
                removed.withUnsafeBufferPointer { removed in
                    times.withUnsafeBufferPointer { times in
                        let person = id.elementsEqual("broken".utf8) ? 8 : 7
                        let line = OutboundLine(
                            id: id,
                            added: added,
                            removed: removed,
                            realizationTimes: times,
                            person: person
                        )
                        return append(line, details: details, to: lines)
                    }
                }
            }
        }
    }

    func append(
        id: String,
        added: [UInt32],
        removed: [UInt32] = [],
        times: [Int64] = [],
        details: (any OutboundLineDetails)? = nil,
        to lines: RenderedLines
    ) -> LineProblem {
        append(
            id: Array(id.utf8),
            added: added,
            removed: removed,
            times: times,
            details: details,
            to: lines
        )
    }
}

/// Person 7 of the vendor's example of `DPUUIDS`, and person 8 with an ID that no line can hold.
struct SamplePeople: OutboundLineDetails {
    func visitorID(of person: Int, take: (UnsafeRawBufferPointer) -> Void) {
        Array("visitor-\(person)".utf8).withUnsafeBytes(take)
    }

    func ids(of person: Int, in dataSource: Int, take: (UnsafeRawBufferPointer) -> Void) {
        let ids =
            switch (person, dataSource) {
            case (7, 1111): ["B\"B", "AAAA"]
            case (7, 2222): ["CCCC"]
            case (7, 20914): ["D1", "D2"]
            case (8, _): ["a\nb"]
            default: [String]()
            }
        for id in ids { Array(id.utf8).withUnsafeBytes(take) }
    }

    func traits(of person: Int, take: (OutboundTrait) -> Void) {
        take(OutboundTrait(number: 123, kind: .onboarded, lastRealized: 5))
        take(OutboundTrait(number: 456, kind: .ruleBased, lastRealized: 6))
    }
}
