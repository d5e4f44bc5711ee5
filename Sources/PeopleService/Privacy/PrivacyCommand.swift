// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GRDB
import Storage
import Terminal

/// `tallystick people privacy`: what was asked for, and what became of it.
struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "List requests of access, deletion and opt-out with their states, without any ID.",
        subcommands: [List.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List privacy requests, newest first, and why deletions wait.",
            discussion: """
                A deletion waits until every destination that has one of the IDs was told; within 30 days it should be \
                done.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "How many at most, 1 to 10,000.") var limit = 50
        @Option(help: "Only older ones than this number.") var before: Int?
        @Option(help: "Only opt-out, opt-in, access or delete.") var kind: PrivacyRequest.Kind?
        @Option(help: "Only completed, waiting or “not found” ones.") var state: PrivacyRequest.State?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10,000.") }
        }

        func run() async throws {
            let service = try PeopleService(global.directory)
            let now = service.world.milliseconds
            let reports = try service.read { database in
                let store = PrivacyRequestStore()
                let requests = try store.list(
                    limit: limit,
                    before: before ?? .max,
                    kind,
                    state,
                    in: database
                )
                let isWaiting = requests.contains { $0.state == .waiting }
                let obstacles = isWaiting ? try DeletionObstacles(in: database) : nil
                return try requests.map { request in
                    let waiting = request.state == .waiting ? obstacles : nil
                    return PrivacyRequestReport(
                        request,
                        at: now,
                        waitsFor: try waiting?
                            .reasons(for: store.waiting(request.number, in: database))
                    )
                }
            }
            var table = TextTable("NUMBER", "KIND", "STATE", "IDS", "REQUESTED", "DAYS", "WAITS FOR")
            for report in reports {
                table.add(
                    "\(report.number)",
                    report.kind,
                    report.isOverdue ? "overdue" : report.state,
                    report.ids.grouped,
                    report.requested,
                    "\(report.days)",
                    report.waitsFor?.joined(separator: "; ") ?? ""
                )
            }
            try global.show(ListReport("requests", reports, table: table, limit: limit))
        }
    }
}

extension PrivacyRequest.Kind: ExpressibleByArgument {}
extension PrivacyRequest.State: ExpressibleByArgument {}
