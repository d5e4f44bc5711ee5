// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Terminal

/// One thing that was looked at, and what was found.
struct Finding: Encodable, Sendable {
    /// How bad it is.
    enum Verdict: String, Encodable {
        case ok
        case warning
        case failed
    }

    let check: String
    let verdict: Verdict
    let finding: String
    let fix: String?

    init(_ check: String, _ verdict: Verdict, _ finding: String, fix: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.finding = finding
        self.fix = fix
    }

    init(_ check: String, _ problem: Problem) {
        self.init(check, .failed, problem.summary, fix: problem.advice)
    }
}

/// What was found.
struct CheckReport: Report {
    let ok: Bool
    let findings: [Finding]

    init(findings: [Finding]) {
        self.findings = findings
        ok = !findings.contains { $0.verdict == .failed }
    }

    var text: String {
        findings.map { finding in
            let verdict = finding.verdict.rawValue
            let padding = String(repeating: " ", count: 7 - verdict.count)
            let fix = finding.fix.map { "\n         \($0)" } ?? ""
            return "\(verdict)\(padding)  \(finding.check): \(finding.finding)\(fix)"
        }
        .joined(separator: "\n")
    }
}
