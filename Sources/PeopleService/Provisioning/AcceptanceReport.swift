// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Terminal

/// What accepting a request makes or made, as commands show it.
package struct AcceptanceReport: Report {
    package struct Source: Encodable, Sendable {
        let ids: String
        let number: Int
        let name: String
        let integrationCode: String
        let destination: Int?
        let isNew: Bool
    }

    package struct Test: Encodable, Sendable {
        let trait: Int
        let segment: Int
    }

    let request: String
    let fingerprint: String
    let organizationName: String
    let environment: String
    let product: String
    let additionalInformation: String
    let dataSources: [Source]
    let inboundAccount: String
    let outboundAccount: String
    let storage: String?
    let mode: String
    let test: Test?
    let api: String?
    /// When the answer expires; nothing for a preview.
    let expires: String?
    /// The text to hand over; nothing for a preview.
    package let answer: String?
    private let isRepetition: Bool

    private enum CodingKeys: CodingKey {
        case request, fingerprint, organizationName, environment, product, additionalInformation, dataSources
        case inboundAccount, outboundAccount, storage, mode, test, api, expires, answer
    }

    init(
        _ plan: AcceptancePlan,
        _ made: Provisioned? = nil,
        api: String?,
        expires: String? = nil,
        answer: String? = nil
    ) {
        request = plan.request.request
        fingerprint = plan.request.fingerprint
        organizationName = plan.request.organizationName
        environment = plan.request.environment
        product = plan.request.product.rawValue
        additionalInformation = plan.request.additionalInformation
        dataSources = plan.sources.map { planned in
            let source = made?.sources.first { $0.kind == planned.source.kind } ?? planned.source
            return Source(
                ids: source.kind.rawValue,
                number: source.number,
                name: source.name,
                integrationCode: source.integrationCode,
                destination: source.destination,
                isNew: !planned.isThere
            )
        }
        inboundAccount = plan.inboundAccount
        outboundAccount = plan.outboundAccount
        storage = plan.storage
        mode = plan.mode.rawValue
        test = made?.test.map { Test(trait: $0.trait, segment: $0.segment) }
        self.api = api
        self.expires = expires
        self.answer = answer
        isRepetition = plan.isRepetition
    }

    package var text: String {
        var lines = [
            "request \(request)  \(organizationName), \(environment), \(product)",
            "  fingerprint  \(fingerprint)  (the same as on the other side?)",
        ]
        if !additionalInformation.isEmpty { lines.append("  they say     \(additionalInformation)") }
        for source in dataSources {
            lines.append(
                "  data source  \(source.number): \(source.name), code \(source.integrationCode)\(source.isNew ? "" : ", is there already")"
            )
            let number = source.destination.map { " \($0)" } ?? ""
            lines.append("  destination\(number)  to \(outboundAccount), keyed by \(source.number), \(mode)")
        }
        if let storage {
            lines.append("  folders      \(storage)/inbound and \(storage)/outbound")
        } else {
            lines.append(
                "  accounts     \(inboundAccount) and \(outboundAccount); their settings and secrets are handed over, sealed"
            )
        }
        if let test {
            lines.append("  test         trait \(test.trait), segment \(test.segment)")
        } else {
            lines.append("  test         a trait and a segment of its own")
        }
        if let api { lines.append("  API          \(api), with a token") }
        guard let answer, let expires else {
            return lines.joined(separator: "\n")
        }
        if isRepetition { lines.append("  everything was there already; this is a fresh answer") }
        lines.append("  good until   \(expires)")
        return lines.joined(separator: "\n") + "\n\n" + answer
    }
}
