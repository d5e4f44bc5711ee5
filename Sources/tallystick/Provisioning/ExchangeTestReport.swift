// SPDX-License-Identifier: Apache-2.0

import Terminal

/// The receipts of both sides of a test, side by side.
struct ExchangeTestReport: Report {
    let request: String
    /// Whether the receipts of the People service could be read.
    let seesPeople: Bool
    var legs: [ExchangeLeg] = []
    /// How many came back as an audience, and how many are in it after they left.
    var returned = 0
    var left = 0
    var seconds = 0.0

    init(request: String, seesPeople: Bool) {
        self.request = request
        self.seesPeople = seesPeople
    }

    /// Whether all came back, all left, and both sides say the same of every file.
    var passed: Bool { returned == ExchangeTest.count && left == 0 && legs.allSatisfy(\.agrees) }

    private enum CodingKeys: CodingKey {
        case request, passed, seesPeople, legs, returned, left, seconds
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(request, forKey: .request)
        try container.encode(passed, forKey: .passed)
        try container.encode(seesPeople, forKey: .seesPeople)
        try container.encode(legs, forKey: .legs)
        try container.encode(returned, forKey: .returned)
        try container.encode(left, forKey: .left)
        try container.encode(seconds, forKey: .seconds)
    }

    var text: String {
        var lines = ["test of \(request): ten synthetic people", ExchangeLeg.table(legs)]
        if !seesPeople {
            lines.append(
                "The receipts of the People service are not shown: give its directory with --people-data."
            )
        }
        lines.append(
            passed
                ? "All \(returned) came back as an audience, and all were removed again. That took \(seconds.secondsText)."
                : "\(returned) of \(ExchangeTest.count) came back, and \(left) are still there."
        )
        return lines.joined(separator: "\n")
    }
}
