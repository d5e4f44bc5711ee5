// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

/// A restriction that comes after a mapping holds back what it forbids, and says so everywhere.
@Suite("Later restrictions")
struct LaterRestrictionTests {
    /// A destination that may combine data with personally identifiable information, and one member sent to it.
    private func sent(mode: Destination.Mode = .iter) async throws -> (
        test: TestPeople, trait: SID, segment: SID, number: Int
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200, mode: mode, labels: [.personallyIdentifiable])
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.count == 1)
        return (test, trait, segment, number)
    }

    /// As an older version let it pass, or another way that nobody thought of.
    private func restrict(_ test: TestPeople) throws {
        try test.service.write { database in
            try database.execute(
                sql: "INSERT INTO data_source_restrictions (data_source, restriction) VALUES (200, 'pii')"
            )
        }
    }

    @Test(
        "Nothing more is sent, and sync, show, check and the mapping say why",
        arguments: Destination.Mode.allCases
    )
    func holding(mode: Destination.Mode) async throws {
        let (test, trait, segment, number) = try await sent(mode: mode)
        try restrict(test)
        try test.deliver("c\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        let report = try await test.sync()
        #expect(report.waiting.map(\.file) == ["destination \(number)"])
        #expect(report.waiting.first?.reason.contains("cannot be tied to personally identifiable") == true)
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.count == 1)
        let shown = try DestinationReport.load(number, test.service)
        #expect(shown.warnings.first?.contains("trait \(trait)") == true)
        let check = try await PeopleDiagnosis(test.service).run()
        #expect(check.findings.first { $0.check == "destination \(number)" }?.verdict == .failed)
        let body = try test.service.read { database in
            try MappingBody(DestinationStore().mapping(of: segment, to: number, in: database), in: database)
        }
        #expect(body.obstacle?.contains("trait \(trait)") == true)
    }

    @Test(
        "Who opts out leaves all the same, and members that stay are not said again",
        arguments: Destination.Mode.allCases
    )
    func leaving(mode: Destination.Mode) async throws {
        let (test, _, segment, _) = try await sent(mode: mode)
        try restrict(test)
        _ = try OptOuts(test.service).optOut("200:a")
        try await test.sync()
        let last = try #require(test.sentFiles.last { $0.hasSuffix(".sync") })
        #expect(try test.sent(last) == "a  \(segment)\n")
    }

    @Test("Files that wait are taken back when a restriction comes")
    func waitingFiles() async throws {
        let (test, trait, _, number) = try await sent()
        try test.setEnabled(false)
        try test.deliver("c\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        #expect(try await test.sync().receipts.last?.state == .waiting)
        try restrict(test)
        try test.setEnabled(true)
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.count == 1)
        #expect(try test.service.read { try OutboundPlanStore().plan(of: number, in: $0) } == nil)
    }

    @Test("A template does not list IDs of a data source that a restriction keeps from the destination")
    func listedSources() throws {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        let segment = try Segments(test.service)
            .create(name: "S", dataSource: 200, rule: "\(test.trait(of: 200))T")
        try test.dataSource(300, .device)
        try test.service.write { database in
            try database.execute(
                sql: "INSERT INTO data_source_restrictions (data_source, restriction) VALUES (300, 'pii')"
            )
        }
        let number = try test.destination(
            key: 200,
            labels: [.personallyIdentifiable],
            template: Destination.Template(
                fileName: "<TIMESTAMP>.sync",
                header: nil,
                content: #"<DP_UUID> <DPUUIDS; format="dpids=300"> <SEGMENT_LIST>"#
            )
        )
        let problem = peopleProblem { _ = try Destinations(test.service).map(segment.sid, to: number) }
        #expect(problem?.kind == .restrictionForbids)
        #expect(problem?.summary.contains("data source 300") == true)
    }

    @Test(
        "A new data source with restrictions joins a merge rule by itself only where that holds nothing back"
    )
    func joining() async throws {
        let (test, _, _, number) = try await sent()
        func source(_ number: Int, _ restrictions: Set<ExportRestriction>) throws -> MergeRuleStore.Following
        {
            try DataSources(test.service).create(number: number) { number, _ in
                DataSource(
                    number: number,
                    name: "S\(number)",
                    integrationCode: "c\(number)",
                    idType: .crossDevice,
                    restrictions: restrictions
                )
            }
            .mergeRules
        }
        let spared = try source(301, [.personallyIdentifiable])
        #expect(spared.taking.isEmpty)
        #expect(spared.sparing == ["Last authenticated profile"])
        #expect(try DestinationReport.load(number, test.service).warnings.isEmpty)
        #expect(try source(302, [.onSiteAdvertising]).taking == ["Last authenticated profile"])
        let report = try test.service.read { database in
            DataSourceReport(try DataSourceStore().find(301, in: database), count: 0, followedBy: spared)
        }
        #expect(report.text.contains("does not take it by itself"))
    }
}
