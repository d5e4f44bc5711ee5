// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Terminal

/// The rejected lines of a receipt, as commands and the API read them.
struct RejectedLineList {
    /// The file of the lines; `nil` where none was rejected.
    let path: String?

    /// Reads the file; hints say what to do about a reason.
    let reader: RejectedLinesReader

    /// Finds the lines of a receipt.
    ///
    /// - Parameters:
    ///   - id: The receipt.
    ///   - service: The installation.
    /// - Throws: ``Problem`` of kind `people.receipt-unknown` or `receipts.rejected-gone`.
    init(of id: String, _ service: PeopleService) throws {
        let receipt = try service.read { try ReceiptStore().find(id, in: $0) }
        reader = RejectedLinesReader { code in
            switch receipt.kind {
            case .idSync: IDSyncReason.allCases.first { $0.code == code }?.hint ?? ""
            case .onboarding: OnboardingReason.allCases.first { $0.code == code }?.hint ?? ""
            case .outbound: OutboundReason.allCases.first { $0.code == code }?.hint ?? ""
            }
        }
        path = receipt.rejectedFile.map { "\(service.directory.rejected)/\($0)" }
        guard path.map(FileManager.default.fileExists) ?? true else {
            throw Problem(.rejectedGone, "The rejected lines of \(id) are no longer kept.")
        }
    }
}
