// SPDX-License-Identifier: Apache-2.0

import Terminal

/// A file on its way from one side to the other, as the receipts of both sides tell of it.
struct ExchangeLeg: Encodable {
    /// What one side says of a file.
    struct Side: Encodable {
        let receipt: String
        let lines: Int
        /// How many lines led to somebody, of the side that received.
        let matched: Int?
        /// How long the hop took, seen from here.
        let seconds: Double

        init(_ receipt: String, lines: Int, matched: Int? = nil, seconds: Double) {
            self.receipt = receipt
            self.lines = lines
            self.matched = matched
            self.seconds = seconds
        }

        fileprivate var text: String {
            matched.map { "\(receipt) read \(lines.grouped) lines, matched \($0.grouped)" }
                ?? "\(receipt) wrote \(lines.grouped) lines"
        }
    }

    /// The system that wrote it.
    let from: String
    var file = ""
    var sent: Side?
    var received: Side?

    /// Whether both sides say the same, as far as both can be seen.
    var agrees: Bool {
        guard let sent, let received else { return true }
        return sent.lines == received.lines
    }

    /// The receipts of both sides, side by side.
    static func table(_ legs: [ExchangeLeg]) -> String {
        var table = TextTable("FILE", "CAMPAIGN", "TIME", "", "PEOPLE SERVICE", "TIME", "AGREE")
        for leg in legs {
            let isOut = leg.from == "Campaign"
            let (campaign, people) = isOut ? (leg.sent, leg.received) : (leg.received, leg.sent)
            table.add(
                leg.file,
                campaign?.text ?? "",
                campaign?.seconds.secondsText ?? "",
                isOut ? "→" : "←",
                people?.text ?? "",
                people?.seconds.secondsText ?? "",
                leg.sent == nil || leg.received == nil ? "not seen" : leg.agrees ? "yes" : "NO"
            )
        }
        return table.text
    }
}
