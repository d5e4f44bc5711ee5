// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Terminal
import Transfer

/// What a connection check found, step by step.
package struct AccountCheckReport: Report {
    /// A step that was tried; those that could not be any more, or have no answer, are left out.
    struct Step: Encodable {
        let step: String
        let ok: Bool
        let seconds: Double
        let detail: String?
        let advice: String?
    }

    package let account: String
    package let ok: Bool
    let steps: [Step]

    /// Checks an account.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - campaign: The installation.
    /// - Returns: The findings.
    /// - Throws: ``Problem`` when the account is not configured or disabled.
    package static func run(_ account: ExternalAccount, _ campaign: Campaign) async throws
        -> AccountCheckReport
    {
        let world = campaign.world
        let check = ConnectionCheck(
            of: try campaign.transport(to: account),
            probeID: world.randomHex(6),
            now: { Int(world.now().timeIntervalSince1970 * 1e9) }
        )
        let steps = await check.run().compactMap(Step.init)
        return AccountCheckReport(account: account.id, ok: steps.allSatisfy(\.ok), steps: steps)
    }

    package var text: String {
        let width = steps.map(\.step.count).max() ?? 0
        let lines = steps.map { step in
            var line =
                "  \(step.step.padding(width))  \(step.ok ? "ok    " : "failed")  \(step.seconds.secondsText)"
            if let detail = step.detail { line += step.ok ? "  \(detail)" : "\n      \(detail)" }
            if let advice = step.advice { line += "\n      \(advice)" }
            return line
        }
        return (["\(account): \(ok ? "works" : "does not work")"] + lines).joined(separator: "\n")
    }
}

extension AccountCheckReport.Step {
    init?(_ step: ConnectionStep) {
        let finding: String? =
            switch step.finding {
            case .addresses(let addresses): addresses.joined(separator: ", ")
            case .hostKey(let fingerprint): fingerprint
            case .note(let note): note
            case .files(let count): "\(count.grouped) files"
            case .freeBytes(let count): "\((count / 1_000_000).grouped) MB free"
            case .clockAhead(let ahead): "clock differs by \(abs(ahead).secondsText)"
            case nil: nil
            }
        switch step.outcome {
        case .ok:
            self.init(step.name.rawValue, isOK: true, step.seconds, finding, nil)
        case .failed(let error):
            self.init(step.name.rawValue, isOK: false, step.seconds, error.cause, error.fix)
        case .skipped:
            return nil
        }
    }

    private init(_ name: String, isOK: Bool, _ seconds: Double, _ detail: String?, _ advice: String?) {
        step = name
        ok = isOK
        self.seconds = seconds
        self.detail = detail
        self.advice = advice
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
