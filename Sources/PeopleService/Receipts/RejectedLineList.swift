// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
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
        let forms = try service.read { Self.forms(of: receipt, in: $0) }
        reader = RejectedLinesReader { code in
            let hint =
                switch receipt.kind {
                case .idSync: IDSyncReason.allCases.first { $0.code == code }?.hint
                case .onboarding: OnboardingReason.allCases.first { $0.code == code }?.hint
                case .outbound: OutboundReason.allCases.first { $0.code == code }?.hint
                }
            return [hint, forms[code]].compactMap(\.self).joined(separator: "; ")
        }
        path = receipt.rejectedFile.map { "\(service.directory.rejected)/\($0)" }
        guard path.map(FileManager.default.fileExists) ?? true else {
            throw Problem(.rejectedGone, "The rejected lines of \(id) are no longer kept.")
        }
    }

    /// How the IDs of a file are written, for the reasons that are about that.
    private static func forms(of receipt: Receipt, in database: Database) -> [String: String] {
        func form(of numbers: [DataSourceNumber]) -> String {
            numbers.compactMap { number in
                guard let source = try? DataSourceStore().find(number, in: database) else { return nil }
                return "IDs of data source \(number) are \(source.idSpelling.example)"
            }
            .joined(separator: ", ")
        }
        guard receipt.kind != .outbound else { return [:] }
        guard receipt.kind == .idSync else {
            let own = form(of: receipt.dataSource.map { [$0] } ?? [])
            return own.isEmpty ? [:] : [OnboardingReason.wrongIDSpelling.code: own]
        }
        let name = receipt.files.first?.name.split(separator: "/").last.map(String.init) ?? ""
        guard let numbers = IDSyncFileName(parsing: name)?.dataSources else { return [:] }
        return [
            IDSyncReason.wrongMasterID.code: form(of: Array(numbers.prefix(1))),
            IDSyncReason.wrongIDSpelling.code: form(of: Array(numbers.dropFirst())),
        ]
    }
}
