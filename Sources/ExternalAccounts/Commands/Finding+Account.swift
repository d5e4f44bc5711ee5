// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Terminal

extension Finding {
    /// What a connection check of an account found.
    ///
    /// - Parameters:
    ///   - account: The account; it has settings.
    ///   - host: The system that has it.
    /// - Returns: The finding, also where the account can't be used.
    /// - Throws: What is no ``Problem``.
    package static func of(_ account: ExternalAccount, _ host: any AccountHost) async throws -> Finding {
        let name = "account \(account.id)"
        do {
            let report = try await AccountCheckReport.run(account, host)
            guard let failed = report.steps.first(where: { !$0.ok }) else {
                return working(account, "\(report.steps.count) steps work")
            }
            return Finding(name, .failed, failed.detail ?? failed.step, fix: failed.advice)
        } catch let problem as Problem {
            return Finding(name, .failed, problem.summary(beside: account.id), fix: problem.advice)
        }
    }

    /// An account whose steps work; one without encryption is a warning all the same.
    static func working(_ account: ExternalAccount, _ text: String) -> Finding {
        let name = "account \(account.id)"
        guard case .s3(let bucket) = account.settings, bucket.isExposed else {
            return Finding(name, .ok, text)
        }
        return Finding(
            name,
            .warning,
            "\(text), but without https everybody on the way can read the files",
            fix:
                "Run `tallystick accounts create s3 --id \(account.id) --replace …` with an https:// endpoint."
        )
    }
}
