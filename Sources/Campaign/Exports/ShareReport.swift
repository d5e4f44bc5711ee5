// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

/// The receipt of one export as a command shows it.
struct ShareReport: Report {
    private let receipt: ReceiptReport
    private let segment: String

    init(_ receipt: Receipt, segment: String) {
        self.receipt = ReceiptReport(receipt)
        self.segment = segment
    }

    func encode(to encoder: any Encoder) throws {
        try receipt.encode(to: encoder)
    }

    var text: String { "Segment \(segment)\n\(receipt.text)" }
}
