// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Terminal

/// Whether a destination is told what it should: nothing is held back, nothing waits for its account, no run failed.
struct DestinationDiagnosis {
    private static let obstaclesShown = 10

    private let service: PeopleService
    private let destination: Destination

    init(_ service: PeopleService, _ destination: Destination) {
        self.service = service
        self.destination = destination
    }

    /// Looks at the destination; what keeps us from looking is a finding, too.
    func finding(in database: Database) -> Finding {
        let name = "destination \(destination.number)"
        do {
            return try finding(name, in: database)
        } catch {
            let problem = OutboundFault(service).problem(error, destination)
            return problem.map { Finding(name, $0) } ?? Finding(name, .failed, "can't be looked at")
        }
    }

    private func finding(_ name: String, in database: Database) throws -> Finding {
        let last = try ReceiptStore().latest(of: destination.number, in: database)
        if let last, last.state == .failed, let failure = last.failure {
            return Finding(name, .failed, "\(failure.summary) (\(last.id))", fix: failure.advice)
        }
        let change = try OutboundChange(destination, on: service.today, in: database)
        if !change.obstacles.isEmpty { return Self.finding(name, change.obstacles) }
        if let problem = try OutboundForm(destination, in: database).namingProblem {
            return Finding(
                name,
                .failed,
                "\(problem.summary) Whom it brings can't be taken back for sure, and deletions may wait for it.",
                fix: """
                    \(problem.advice) Then run `tallystick people destinations edit \(destination.number) --template FILE`.
                    """
            )
        }
        let owed = change.unwrittenRemovals.count
        if owed > 0 {
            return Finding(
                name,
                .failed,
                "\(owed.grouped) IDs have to leave and can't be written, so that deletions wait for it",
                fix: "Give the destination a template with another separator, as <TAB>."
            )
        }
        if let plan = try OutboundPlanStore().plan(of: destination.number, in: database) {
            let receipt = try ReceiptStore().find("P\(plan.receipt)", in: database)
            let reason = receipt.failure.map { ": \($0.summary)" } ?? ""
            return Finding(
                name,
                .warning,
                "files wait for the account \(destination.account) (\(receipt.id))\(reason)",
                fix: receipt.failure?.advice ?? "Run `tallystick people sync`."
            )
        }
        let count = change.items.count
        return Finding(
            name,
            .ok,
            "\(count) segments, " + (change.isEmpty ? "nothing is due" : "changes are due")
        )
    }

    /// What holds segments back, the first ten of them.
    private static func finding(_ name: String, _ obstacles: [Problem]) -> Finding {
        let shown = obstacles.prefix(obstaclesShown)
        var summaries = shown.map(\.summary)
        let rest = obstacles.count - shown.count
        if rest > 0 { summaries.append("And \(rest.grouped) more.") }
        let advice = shown.map(\.advice)
        let fixes = advice.enumerated().filter { !advice[..<$0.offset].contains($0.element) }.map(\.element)
        if obstacles.count > 1 {
            summaries.insert("\(obstacles.count.grouped) segments are held back.", at: 0)
        }
        return Finding(
            name,
            .failed,
            summaries.joined(separator: " "),
            fix: fixes.joined(separator: " ")
        )
    }
}
