// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Terminal
import Transfer

/// What a connection check found, step by step.
package struct AccountCheckReport: Report {
    struct Step: Encodable {
        let step: String
        let outcome: String
        let seconds: Double
        let finding: String?
        let cause: String?
        let fix: String?
    }

    package let account: String
    package let ok: Bool
    let steps: [Step]

    /// Checks an account.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - world: Time and randomness.
    /// - Returns: The findings.
    /// - Throws: ``Problem`` when the account is not configured or disabled.
    package static func run(_ account: ExternalAccount, world: World) async throws -> AccountCheckReport {
        let check = ConnectionCheck(
            of: try account.transport(world),
            probeID: world.randomHex(6),
            now: { Int(world.now().timeIntervalSince1970 * 1e9) }
        )
        let steps = await check.run().map(Step.init)
        return AccountCheckReport(
            account: account.id,
            ok: !steps.contains { $0.outcome == "failed" },
            steps: steps
        )
    }

    package var text: String {
        let width = steps.map(\.step.count).max() ?? 0
        let lines = steps.map { step in
            let name = step.step + String(repeating: " ", count: width - step.step.count)
            var line = "  \(name)  \(step.outcome.padding(7))  \(step.seconds.secondsText)"
            if let finding = step.finding { line += "  \(finding)" }
            if let cause = step.cause { line += "\n      \(cause)" }
            if let fix = step.fix { line += "\n      \(fix)" }
            return line
        }
        return (["\(account): \(ok ? "works" : "does not work")"] + lines).joined(separator: "\n")
    }
}

extension AccountCheckReport.Step {
    init(_ step: ConnectionStep) {
        self.step = step.name.rawValue
        seconds = step.seconds
        switch step.finding {
        case .files(let count): finding = "\(count.grouped) files"
        case .freeBytes(let count): finding = "\((count / 1_000_000).grouped) MB free"
        case .clockAhead(let ahead): finding = "clock differs by \(abs(ahead).secondsText)"
        case nil: finding = nil
        }
        switch step.outcome {
        case .ok: (outcome, cause, fix) = ("ok", nil, nil)
        case .skipped: (outcome, cause, fix) = ("skipped", nil, nil)
        case .failed(let error): (outcome, cause, fix) = ("failed", error.cause, error.fix)
        }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
