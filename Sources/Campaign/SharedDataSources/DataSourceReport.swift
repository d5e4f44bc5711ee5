// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage
import Terminal

/// A shared data source as commands show it; secrets are named, never shown.
struct DataSourceReport: Report {
    let id: String
    let label: String
    let number: Int?
    let integrationCode: String
    let destination: Int?
    let targetingDimension = "profile"
    let mode: String
    let key: String?
    let normalize: String?
    let hash: String?
    let cipher: String?
    let encryptionKey: String?
    let encryptionIV: String?
    let channel: String
    let priority: Int
    let comment: String
    let importAccount: String
    let exportAccount: String
    let termsAccepted: String?
    let lastFile: String?

    init(_ source: SharedDataSource) {
        id = source.id.rawValue
        label = source.label
        number = source.number
        integrationCode = source.integrationCode
        destination = source.destination
        mode = source.keyField == nil ? "visitor" : "declared"
        key = source.keyField?.name
        normalize = source.rule.normalization.description
        channel = source.channel.rawValue
        priority = source.priority
        comment = source.comment
        importAccount = source.importAccount
        exportAccount = source.exportAccount
        termsAccepted = source.termsAccepted.map(Moment.text)
        lastFile = source.lastFile
        var hash: String?
        var cipher: String?
        switch source.rule.form {
        case .digest(let algorithm): hash = algorithm.rawValue
        case .cipher(let key): cipher = key.algorithm.rawValue
        case .plain, .visitorID: break
        }
        self.hash = hash
        self.cipher = cipher
        encryptionKey = cipher == nil ? nil : "•••"
        encryptionIV = cipher == nil ? nil : "•••"
    }

    var text: String {
        var lines = [
            "\(id): \(label)",
            "  data source          \(number.map(String.init) ?? "no number"), alias \(integrationCode)",
            "  destination          \(destination.map(String.init) ?? "any")",
            "  reconciles           \(reconciliation)",
        ]
        if cipher != nil {
            lines.append("  channel              \(channel)")
            lines.append("  encryption key, IV   sealed")
        }
        lines.append("  priority             \(priority)")
        lines.append("  files                from \(importAccount), to \(exportAccount)")
        lines.append(
            "  terms                \(termsAccepted.map { "accepted \($0)" } ?? "not accepted: no data flows")"
        )
        if let lastFile { lines.append("  last file processed  \(lastFile)") }
        if !comment.isEmpty { lines.append("  comment              \(comment)") }
        return lines.joined(separator: "\n")
    }

    private var reconciliation: String {
        guard let key else { return "visitor IDs with profiles" }
        let steps = normalize.flatMap { $0.isEmpty ? nil : ", after \($0)" } ?? ""
        return "\(hash ?? cipher ?? "plain") \(key)\(steps)"
    }
}
