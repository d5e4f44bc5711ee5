// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Terminal

/// The receipts of both sides of a test, side by side.
struct ExchangeTestReport: Report {
    let request: String
    /// Why the receipts of the People service could not be read; `nil` where they were.
    let unseenBecause: String?
    var legs: [ExchangeLeg] = []
    /// How many came back as an audience, and how many are in it after they left.
    var returned = 0
    var left = 0
    var seconds = 0.0

    init(request: String, unseenBecause: String?) {
        self.request = request
        self.unseenBecause = unseenBecause
    }

    /// Whether all came back, all left, and both sides say the same of every file.
    var passed: Bool { returned == SyntheticPeople.count && left == 0 && legs.allSatisfy(\.agrees) }

    private enum CodingKeys: CodingKey {
        case request, passed, seesPeople, unseenBecause, legs, returned, left, seconds
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(request, forKey: .request)
        try container.encode(passed, forKey: .passed)
        try container.encode(unseenBecause == nil, forKey: .seesPeople)
        try container.encodeIfPresent(unseenBecause, forKey: .unseenBecause)
        try container.encode(legs, forKey: .legs)
        try container.encode(returned, forKey: .returned)
        try container.encode(left, forKey: .left)
        try container.encode(seconds, forKey: .seconds)
    }

    var text: String {
        var lines = ["test of \(request): ten synthetic people", ExchangeLeg.table(legs)]
        if let unseenBecause {
            lines.append("The receipts of the People service are not shown. \(unseenBecause)")
        }
        lines.append(
            passed
                ? "All \(returned) came back as an audience, and all were removed again. That took \(seconds.secondsText)."
                : "\(returned) of \(SyntheticPeople.count) came back, and \(left) are still there."
        )
        return lines.joined(separator: "\n")
    }
}
