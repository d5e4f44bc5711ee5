// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Terminal
import Transfer

/// What a connection check found, step by step.
package struct AccountCheckReport: Report {
    /// A step that was tried; those that could not be any more, or have no answer, are left out.
    package struct Step: Encodable {
        package let step: String
        package let ok: Bool
        package let seconds: Double
        package let detail: String?
        package let advice: String?
    }

    package let account: String
    package let ok: Bool
    package let steps: [Step]
    private let verdict: String

    private enum CodingKeys: CodingKey {
        case account, ok, steps
    }

    /// Checks an account.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - host: The system that has the account.
    /// - Returns: The findings.
    /// - Throws: ``Problem`` when the account is not configured or disabled.
    package static func run(_ account: ExternalAccount, _ host: any AccountHost) async throws
        -> AccountCheckReport
    {
        let world = host.world
        var check = ConnectionCheck(
            of: try host.transport(to: account),
            probeID: world.randomHex(6),
            now: { Int(world.now().timeIntervalSince1970 * 1e9) }
        )
        check.isWriting = !account.rules.isReadOnly
        let steps = await check.run()
        return AccountCheckReport(account, steps)
    }

    private init(_ account: ExternalAccount, _ found: [ConnectionStep]) {
        self.account = account.id
        let isForImports = found.first(where: \.hasFailed)?.isRefusedWriting == true
        steps = found.compactMap { Step($0, of: account.id, isForImports: isForImports) }
        ok = steps.allSatisfy(\.ok)
        verdict =
            switch (ok, account.rules.isReadOnly) {
            case (true, false): "works"
            case (true, true): "works, for imports only"
            case (false, _) where isForImports: "works for imports only; writing is refused"
            case (false, _): "does not work"
            }
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
        return (["\(account): \(verdict)"] + lines).joined(separator: "\n")
    }
}

extension ConnectionStep {
    fileprivate var hasFailed: Bool {
        if case .failed = outcome { true } else { false }
    }

    /// Whether the account lacks the right to write.
    fileprivate var isRefusedWriting: Bool {
        switch (name, outcome) {
        case (.write, .failed(.denied)), (.write, .failed(.readOnly)): true
        default: false
        }
    }
}

extension AccountCheckReport.Step {
    init?(_ step: ConnectionStep, of account: String, isForImports: Bool) {
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
        case .failed where isForImports && step.isRefusedWriting:
            let advice = """
                For exports, have the user given the right to write. For imports alone the account is good as it is: \
                run `tallystick accounts edit \(account) --read-only`.
                """
            self.init(step.name.rawValue, isOK: false, step.seconds, "Writing is refused.", advice)
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
