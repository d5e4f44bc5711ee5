// SPDX-License-Identifier: Apache-2.0

/// What the test reads of Campaign's receipts, as `--json` prints them.
struct CampaignReceipt: Decodable {
    struct File: Decodable {
        let name: String
    }

    struct Segment: Decodable {
        let segment: String
        let audience: String
        let after: Int
    }

    struct Failure: Decodable {
        let summary: String
    }

    let id: String
    let direction: String
    let state: String
    let files: [File]
    let received: Int
    let matched: Int
    let segments: [Segment]
    let added: Int?
    let removed: Int?
    let seconds: Double
    let problem: Failure?

    /// The number of the receipt.
    var number: Int { Int(id.dropFirst()) ?? 0 }
}

/// What the test reads of receipts of the People service.
struct PeopleReceipt: Decodable {
    struct File: Decodable {
        let name: String
    }

    struct Segment: Decodable {
        let segment: Int
        let after: Int
    }

    struct Outbound: Decodable {
        let unwritten: Int
    }

    struct Failure: Decodable {
        let summary: String
    }

    let id: String
    let kind: String
    let state: String
    let files: [File]
    let received: Int
    let counts: [String: Int]
    let segments: [Segment]
    let outbound: Outbound?
    let seconds: Double
    let problem: Failure?

    /// The number of the receipt.
    var number: Int { Int(id.dropFirst()) ?? 0 }

    /// Whether an outbound file brought a segment to a size, but for IDs that it can't name.
    func brings(_ segment: String, to size: Int) -> Bool {
        segments.contains {
            "\($0.segment)" == segment && ($0.after...$0.after + (outbound?.unwritten ?? 0)).contains(size)
        }
    }
}

/// A list of receipts.
struct Receipts<Receipt: Decodable>: Decodable {
    let receipts: [Receipt]
}

/// What the test reads of destinations.
struct Destinations: Decodable {
    struct Destination: Decodable {
        let mappings: [Mapping]
    }

    struct Mapping: Decodable {
        let segment: Int
        let sent: Int
        let coming: Int
    }

    let destinations: [Destination]
}

/// What is read where only success counts.
struct Anything: Decodable {}
