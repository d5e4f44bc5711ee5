// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Provisioning

/// An audience on its way from Campaign into a segment and back, followed by the receipts of both sides.
///
/// Where a sync is running already, it does the work; otherwise each side is made to exchange files.
struct Exchange {
    private static let pause = Duration.milliseconds(150)

    let campaign: Program
    let people: PeopleSide
    /// How long to wait for a hop.
    let patience: Duration
    private let clock = ContinuousClock()

    init(campaign: Program, people: PeopleSide, patience: Duration) {
        self.campaign = campaign
        self.people = people
        self.patience = patience
    }

    /// Shares, and follows what was shared there and back.
    ///
    /// - Parameters:
    ///   - segment: The segment, as outbound files name it.
    ///   - size: How many IDs the segment has afterwards, from the receipt of the share.
    ///   - members: How many members the audience has afterwards; `nil` for any number.
    ///   - share: Shares.
    /// - Returns: The file there and the file back.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed`.
    func legs(
        of segment: String,
        size: (CampaignReceipt) -> Int,
        members: Int?,
        share: () throws -> CampaignReceipt
    ) async throws -> [ExchangeLeg] {
        var moment = clock.now
        func lap() -> Double {
            defer { moment = clock.now }
            return (clock.now - moment) / .seconds(1)
        }
        let shared = try share()
        var there = ExchangeLeg(
            from: "Campaign",
            file: shared.files.first?.name ?? "",
            sent: .init(shared.id, lines: (shared.added ?? 0) + (shared.removed ?? 0), seconds: lap())
        )
        var home = ExchangeLeg(from: "People service")
        if people.obstacle == nil {
            let onboarded = try await peopleReceipt("onboarding of \(there.file)") { receipts in
                receipts.first { $0.files.contains { $0.name.hasSuffix(there.file) } }
            }
            there.received = .init(
                onboarded.id,
                lines: onboarded.received,
                matched: onboarded.counts["matched"],
                seconds: lap()
            )
            let expected = size(shared)
            let written = try await peopleReceipt("outbound file of segment \(segment)") { receipts in
                receipts.first { receipt in
                    receipt.kind == "outbound" && receipt.number > onboarded.number
                        && receipt.brings(segment, to: expected)
                }
            }
            home.file = written.files.first?.name ?? ""
            home.sent = .init(written.id, lines: written.received, seconds: lap())
        }
        let known = home.file
        let imported = try await campaignReceipt("import of segment \(segment)") { receipt in
            receipt.direction == "import" && receipt.state.hasPrefix("completed")
                && receipt.number > shared.number
                && (known.isEmpty || receipt.files.contains { $0.name.hasSuffix(known) })
                && receipt.segments.contains { $0.segment == segment && $0.after == members ?? $0.after }
        }
        home.file = imported.files.first?.name ?? ""
        home.received = .init(
            imported.id,
            lines: imported.received,
            matched: imported.matched,
            seconds: lap()
        )
        return [there, home]
    }

    /// Follows an ID-sync file to the People service.
    ///
    /// - Parameters:
    ///   - file: Its name.
    ///   - rows: How many rows it has.
    ///   - seconds: How long it took to send it.
    /// - Returns: The file, with what the People service says of it where that can be read.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed`.
    func introduction(_ file: String, rows: Int, seconds: Double) async throws -> ExchangeLeg {
        let start = clock.now
        var leg = ExchangeLeg(
            from: "Campaign",
            file: file,
            sent: .init("the test", lines: rows, seconds: seconds)
        )
        guard people.obstacle == nil else { return leg }
        let taken = try await peopleReceipt("ID-sync file \(file)") { receipts in
            receipts.first { $0.files.contains { $0.name.hasSuffix(file) } }
        }
        leg.received = .init(
            taken.id,
            lines: taken.received,
            matched: taken.counts["matched"],
            seconds: (clock.now - start) / .seconds(1)
        )
        return leg
    }

    /// Lets those leave whom an interrupted exchange left in a segment.
    ///
    /// Otherwise the next exchange would change nothing, and nothing would come back.
    ///
    /// - Parameters:
    ///   - segment: The segment, as outbound files name it.
    ///   - share: Shares nobody into it.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed`.
    func empty(_ segment: String, share: () throws -> CampaignReceipt) async throws {
        let shared = try share()
        guard (shared.removed ?? 0) > 0, let file = shared.files.first?.name else { return }
        if people.obstacle == nil {
            _ = try await peopleReceipt("onboarding of \(file)") { receipts in
                receipts.first { $0.files.contains { $0.name.hasSuffix(file) } }
            }
        }
        guard let people = people.driven else {
            // Where no destination had been told of them nothing comes back, so this can't be waited for in earnest.
            let other = Exchange(campaign: campaign, people: people, patience: min(patience, .seconds(30)))
            _ = try? await other.campaignReceipt("removal from segment \(segment)") { receipt in
                receipt.direction == "import" && receipt.number > shared.number
                    && receipt.segments.contains { $0.segment == segment && $0.after == 0 }
            }
            return
        }
        let what = "removal from segment \(segment)"
        let waiting = Waiting(for: what, patience)
        defer { waiting.finish() }
        while try holders(of: segment, people) > 0 {
            guard waiting.goesOn() else { throw missing(what, "the People service") }
            try await drive(people, ["people", "sync"])
        }
    }

    /// How many members of a segment destinations have, or are to get.
    private func holders(of segment: String, _ people: Program) throws -> Int {
        try people.read(Destinations.self, "people", "destinations", "list").destinations
            .flatMap(\.mappings)
            .filter { "\($0.segment)" == segment }
            .reduce(0) { $0 + $1.sent + $1.coming }
    }

    private func peopleReceipt(
        _ what: String,
        _ find: ([PeopleReceipt]) -> PeopleReceipt?
    ) async throws -> PeopleReceipt {
        let waiting = Waiting(for: what, patience)
        defer { waiting.finish() }
        while true {
            let receipts = try people.receipts() ?? []
            if let found = find(receipts), found.state != "waiting", found.state != "running" {
                guard found.state != "failed" else {
                    throw Problem(
                        .testFailed,
                        "The \(what) failed on the People side: \(found.problem?.summary ?? "")"
                    )
                }
                return found
            }
            guard waiting.goesOn() else { throw missing(what, "the People service") }
            try await drive(people.driven, ["people", "sync"])
        }
    }

    private func campaignReceipt(
        _ what: String,
        _ isWanted: (CampaignReceipt) -> Bool
    ) async throws -> CampaignReceipt {
        let waiting = Waiting(for: what, patience)
        defer { waiting.finish() }
        while true {
            let receipts = try campaign.read(
                Receipts<CampaignReceipt>.self,
                "receipts",
                "list",
                "--limit",
                "50"
            )
            .receipts
            if let found = receipts.first(where: isWanted) { return found }
            guard waiting.goesOn() else { throw missing(what, "Campaign") }
            try await drive(campaign, ["sync"])
        }
    }

    /// Lets a system exchange files, or waits a moment where it does so by itself.
    private func drive(_ program: Program?, _ sync: [String]) async throws {
        if let problem = try program?.run(sync).problem, problem.code != "data.busy" {
            throw Problem(.testFailed, "\(problem.summary) (\(problem.code))", advice: problem.advice)
        }
        try await Task.sleep(for: Self.pause)
    }

    private func missing(_ what: String, _ system: String) -> Problem {
        Problem(
            .testFailed,
            "There was no receipt of the \(what) from \(system) within \(patience / .seconds(1)) seconds.",
            advice: people.driven == nil
                ? "Make sure that the People service exchanges files (`tallystick serve --roles people`, or `tallystick people sync --watch`), or wait longer with --wait; its receipts say more."
                : "Run `tallystick check` and look at the receipts of both sides; the first hop without one is where they were lost."
        )
    }
}
