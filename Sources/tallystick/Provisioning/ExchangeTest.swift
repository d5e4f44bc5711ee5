// SPDX-License-Identifier: Apache-2.0

import Campaign
import Foundation
import Problems
import Provisioning

/// Ten synthetic people travel from Campaign into a segment of the People service and back, and leave again.
///
/// Everything is done and read with the program's own commands as child processes: where a sync is running already, it
/// does the work, and the test only looks at receipts; otherwise the test drives it.
struct ExchangeTest {
    private let request: String
    private let travellers: SyntheticPeople
    private let setUp: RequestReport.Test
    private let campaign: Program
    private let exchange: Exchange
    private let clock = ContinuousClock()

    /// Prepares a test.
    ///
    /// - Parameters:
    ///   - request: The completed request.
    ///   - setUp: What the test uses.
    ///   - campaign: Campaign's data directory.
    ///   - people: That of the People service, where it can be read; otherwise its API is asked, if Campaign knows it.
    ///   - patience: How long to wait for a hop that the other side does.
    /// - Throws: What the system answers when a command can't be started.
    init(
        _ request: String,
        _ setUp: RequestReport.Test,
        campaign: String,
        people: String?,
        patience: Duration
    ) throws {
        self.request = request
        travellers = SyntheticPeople(of: request)
        self.setUp = setUp
        self.campaign = Program(data: campaign)
        exchange = Exchange(
            campaign: self.campaign,
            people: try PeopleSide(
                directory: people.map { Program(data: $0) },
                hubWith: (setUp.segment, setUp.trait),
                of: self.campaign
            ),
            patience: patience
        )
    }

    /// Runs the test and removes what it made, also where it failed.
    ///
    /// - Returns: The receipts of both sides.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed` or `provisioning.test-impossible`.
    func run() async throws -> ExchangeTestReport {
        var report = ExchangeTestReport(request: request, unseenBecause: exchange.people.obstacle)
        let start = clock.now
        try await finishInterrupted()
        try removeLeftovers()
        do {
            try loadPeople()
            if let visitors { report.legs.append(try await introduce(visitors)) }
            try defineAudiences()
            report.legs += try await legs(expecting: SyntheticPeople.count)
            report.returned = try count(of: travellers.back)
            try unshare()
            try removePeople()
            report.legs += try await legs(expecting: 0)
            report.left = try count(of: travellers.back)
        } catch {
            try? unshare()
            try? removePeople()
            _ = try? share(isFirst: false)
            try? removeLeftovers()
            throw error
        }
        try removeLeftovers()
        report.seconds = (clock.now - start) / .seconds(1)
        return report
    }

    // What Campaign has

    /// Ten people whom nobody could mistake for real ones: their addresses are in a domain that never exists.
    private func loadPeople() throws {
        var header = ["externalId"]
        if setUp.key != "externalId" { header.append("email") }
        if !["externalId", "email"].contains(setUp.key) { header.append(setUp.key) }
        let rows = SyntheticPeople.externalIDs.enumerated().map { index, id in
            header.map { field in
                switch field {
                case "email": "\(id)@example.invalid"
                // Numbers that are kept for fiction: 202-555-0100 and those after it.
                case "mobilePhone", "phone", "fax": "+1202555010\(index)"
                default: id
                }
            }
            .joined(separator: ",")
        }
        let text = ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
        struct Load: Decodable {
            let rejected: Int
        }
        let load = try campaign.readingFile(text) { file in
            try campaign.read(Load.self, "profiles", "load", file, "--key", "externalId")
        }
        guard load.rejected == 0 else {
            throw Problem(
                .testImpossible,
                "Campaign does not take the synthetic profiles: \(load.rejected) were rejected.",
                advice:
                    "The key field \(setUp.key) must take a text; `tallystick profiles fields list` shows its type."
            )
        }
    }

    /// The browsers of the ten, where the exchange is by visitor IDs.
    private var visitors: SyntheticVisitors? {
        setUp.visitors.map { SyntheticVisitors(request, $0, count: SyntheticPeople.count) }
    }

    /// Gives each of the ten a browser, and makes them known to the People service.
    private func introduce(_ visitors: SyntheticVisitors) async throws -> ExchangeLeg {
        try campaign.readingFile(visitors.links(SyntheticPeople.externalIDs)) { file in
            struct Links: Decodable {
                let rejected: Int
            }
            let links = try campaign.read(
                Links.self,
                "profiles",
                "link-visitors",
                file,
                "--key",
                "externalId"
            )
            guard links.rejected == 0 else {
                throw Problem(.testFailed, "Campaign does not take the synthetic visitor IDs.")
            }
        }
        let start = clock.now
        let file = try await visitors.publish(from: campaign)
        return try await exchange.introduction(
            file,
            rows: SyntheticPeople.count,
            seconds: (clock.now - start) / .seconds(1)
        )
    }

    private func defineAudiences() throws {
        let list = SyntheticPeople.externalIDs.map { "\"\($0)\"" }.joined(separator: ", ")
        _ = try campaign.read(
            Anything.self,
            "audiences",
            "query",
            "--label",
            travellers.out,
            "--where",
            "externalId in (\(list))"
        )
        let define = [
            "audiences", "define", "--label", travellers.back, "--segment", setUp.segment, "--data-source",
            setUp.dataSource,
        ]
        let force = setUp.givesAddresses ? ["--force-reconciliation"] : []
        _ = try campaign.read(Anything.self, define + force)
    }

    private func removePeople() throws {
        for id in SyntheticPeople.externalIDs {
            let outcome = try campaign.run(["profiles", "delete", "externalId=\(id)", "--all"])
            guard outcome.exitCode == 0 || outcome.problem?.code == "profiles.unknown" else {
                throw Problem(
                    .testFailed,
                    outcome.problem?.summary ?? "A synthetic profile can't be deleted."
                )
            }
        }
    }

    /// Lets those leave whom a test that was killed has sent.
    private func finishInterrupted() async throws {
        guard try campaign.run(["audiences", "show", travellers.out]).exitCode == 0 else { return }
        try unshare()
        try removePeople()
        try await exchange.empty(setUp.segment) { try share(isFirst: false) }
    }

    private func removeLeftovers() throws {
        try removePeople()
        for label in [travellers.out, travellers.back] {
            _ = try campaign.run(["audiences", "delete", label, "--force"])
        }
    }

    private func count(of audience: String) throws -> Int {
        struct Size: Decodable {
            let count: Int
        }
        return try campaign.read(Size.self, "audiences", "show", audience).count
    }

    /// Shares the audience as it is; a first share sends everybody, whatever an earlier test left behind.
    private func share(isFirst: Bool) throws -> CampaignReceipt {
        let arguments = [
            "audiences", "share", travellers.out, "--segment", "\(setUp.trait)", "--data-source",
            setUp.dataSource, "--replace", "--allow-shrink",
        ]
        return try campaign.read(CampaignReceipt.self, arguments + (isFirst ? ["--resend"] : []))
    }

    /// Ends the share, so that a sync that is running does not share each deletion by itself.
    private func unshare() throws {
        _ = try campaign.run([
            "audiences", "unshare", travellers.out, "--segment", "\(setUp.trait)", "--data-source",
            setUp.dataSource,
        ])
    }

    private func legs(expecting count: Int) async throws -> [ExchangeLeg] {
        try await exchange.legs(of: setUp.segment, size: { _ in count }, members: count) {
            try share(isFirst: count > 0)
        }
    }
}
