// SPDX-License-Identifier: Apache-2.0

import Problems

/// One thing that was looked at, and what was found.
package struct Finding: Encodable, Sendable {
    /// How bad it is.
    package enum Verdict: String, Encodable, Sendable {
        case ok
        case warning
        case failed
    }

    package let check: String
    package let verdict: Verdict
    package let finding: String
    package let fix: String?

    package init(_ check: String, _ verdict: Verdict, _ finding: String, fix: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.finding = finding
        self.fix = fix
    }

    package init(_ check: String, _ problem: Problem) {
        self.init(check, .failed, problem.summary, fix: problem.advice)
    }
}

/// What `check` can look at.
package protocol Diagnosed {
    /// Looks at everything that could keep the exchange from working.
    ///
    /// - Returns: What was found.
    /// - Throws: What the database answers.
    func diagnose() async throws -> CheckReport
}

/// What was found.
package struct CheckReport: Report {
    package let ok: Bool
    package let findings: [Finding]

    package init(findings: [Finding]) {
        self.findings = findings
        ok = !findings.contains { $0.verdict == .failed }
    }

    package var text: String {
        findings.map { finding in
            let verdict = finding.verdict.rawValue
            let padding = String(repeating: " ", count: 7 - verdict.count)
            let fix = finding.fix.map { "\n         \($0)" } ?? ""
            return "\(verdict)\(padding)  \(finding.check): \(finding.finding)\(fix)"
        }
        .joined(separator: "\n")
    }
}
