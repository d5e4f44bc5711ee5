// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Provisioning
import Storage
import Terminal

/// What completing a provisioning makes or made, as commands show it.
package struct CompletionReport: Report, Sendable {
    package struct Part: Encodable, Sendable {
        let what: String
        let action: String
        let detail: String
    }

    package let request: String
    /// Whether nothing was made: it is a preview.
    package let preview: Bool
    let parts: [Part]
    /// The shared data source of declared IDs, and that of visitor IDs.
    let declared: String?
    let visitor: String?
    package let termsAccepted: Bool
    let api: String?
    /// Whether the declared IDs are addresses in the clear.
    let sharesAddresses: Bool

    init(_ plan: CompletionPlan, isPreview: Bool) {
        request = plan.answer.request
        preview = isPreview
        var parts = plan.accounts.map { account in
            let place =
                ExternalAccount(id: account.id, label: "", settings: account.area.settings).place ?? ""
            return Part(
                what: "external account \(account.id)",
                action: account.action.rawValue,
                detail: place
            )
        }
        func describe(_ source: SharedDataSource) -> String {
            let report = DataSourceReport(source)
            let ids = report.key.map { "\(report.hash ?? report.cipher ?? "plain") \($0)" } ?? "visitor IDs"
            return "number \(source.number ?? 0), destination \(source.destination ?? 0), \(ids)"
        }
        if let visitor = plan.visitor {
            parts.append(
                Part(
                    what: "shared data source \(visitor.source.id)",
                    action: visitor.action.rawValue,
                    detail: describe(visitor.source)
                )
            )
        }
        if let declared = plan.declared {
            parts.append(
                Part(
                    what: "shared data source \(declared.source.id)",
                    action: declared.action.rawValue,
                    detail: describe(declared.source)
                )
            )
        }
        if let hub = plan.hub {
            parts.append(Part(what: "hub", action: hub.action.rawValue, detail: hub.settings.url))
        }
        self.parts = parts
        declared = plan.declared?.source.id.rawValue
        visitor = plan.visitor?.source.id.rawValue
        termsAccepted = [plan.declared?.source, plan.visitor?.source].compactMap(\.self)
            .allSatisfy { $0.termsAccepted != nil }
        api = plan.answer.api?.url
        sharesAddresses = plan.declared?.source.sharesAddresses ?? false
    }

    package var text: String {
        var lines = ["request \(request)  \(preview ? "would be completed" : "completed")"]
        for part in parts {
            let action =
                switch part.action {
                case "make": preview ? "new       " : "made      "
                case "change": preview ? "changes   " : "changed   "
                default: "unchanged "
                }
            lines.append("  \(action)\(part.what): \(part.detail)")
        }
        if !termsAccepted {
            lines.append(
                "  the terms of sharing are open: no data flows before --accept-terms (docs/terms.md)"
            )
        }
        if sharesAddresses {
            lines.append(
                "  the other side gets addresses in the clear; with --hash sha256 it gets IDs that tell nothing"
            )
        }
        return lines.joined(separator: "\n")
    }
}
