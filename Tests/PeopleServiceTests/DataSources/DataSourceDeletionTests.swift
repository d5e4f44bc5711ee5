// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Testing

@testable import PeopleService

@Suite struct DataSourceDeletionTests {
    private func summary(_ work: () throws -> Void) -> String? {
        do {
            try work()
            return nil
        } catch {
            return (error as? Problem)?.summary
        }
    }

    @Test func `what uses a data source is named, and it stays`() async throws {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        let segment = try Segments(test.service).create(name: "Gold", dataSource: 200, rule: "\(trait)T").sid
        let destination = try test.destination(key: 200)
        _ = try DataSources(test.service).create(number: 201) { number, _ in
            DataSource(
                number: number,
                name: "Alias",
                integrationCode: "alias",
                idType: .crossDevice,
                namespace: 200
            )
        }
        try test.onboard("ann\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let sources = DataSources(test.service)
        let expected = """
            Data source 200 is used by trait \(trait) “Trait \(trait)”; segment \(segment) “Gold”; \
            destination \(destination) “Destination \(destination)”; data source 201 “Alias”; \
            merge rule 1 “Last authenticated profile”; 1 IDs of people.
            """
        #expect(summary { _ = try sources.delete(200) } == expected)
        #expect(summary { _ = try sources.previewDeletion(of: 200) } == expected)
        let code = await fault { try await test.run(DataSourcesCommand.self, "delete", "200", "--yes") }
        #expect(code == "people.data-source-in-use")
        #expect(try test.members(of: segment) == ["200:ann"])
    }

    @Test func `many users are named in part`() throws {
        let test = try TestPeople()
        try test.dataSource(300, .cookie)
        let traits = try (1...12).map { _ in try test.trait(of: 300) }
        let text = try #require(summary { _ = try DataSources(test.service).delete(300) })
        #expect(text.hasSuffix("\(traits[9]) “Trait \(traits[9])”, …."))
        #expect(!text.contains("\(traits[10])"))
    }

    @Test func `one that nothing uses goes after a preview, and its number may be given again`() async throws
    {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        try test.onboard("ann\td_sid=1\n", "ftp_dpm_200_1700000000.sync")
        _ = try MergeRules(test.service).update(1) { $0.sources = [] }
        try await test.run(DataSourcesCommand.self, "delete", "200")
        let preview = try DataSources(test.service).previewDeletion(of: 200)
        #expect(preview.dataSource.name == "Source 200" && preview.receipts == 1)
        try await test.run(DataSourcesCommand.self, "delete", "200", "--yes")
        let again = await fault { _ = try DataSources(test.service).delete(200) }
        #expect(again == "people.data-source-unknown")
        let receipts = try test.service.read { try ReceiptStore().list(limit: 10, in: $0) }
        #expect(receipts.map(\.dataSource) == [200])
        try test.dataSource(200, .device)
    }

    @Test func `a data source whose IDs are another one's goes without them`() throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        _ = try DataSources(test.service).create(number: 201) { number, _ in
            DataSource(
                number: number,
                name: "Alias",
                integrationCode: "alias",
                idType: .crossDevice,
                namespace: 200
            )
        }
        try test.onboard("ann\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try DataSources(test.service).delete(201)
        #expect(try test.knows("200:ann"))
    }

    @Test(arguments: [0, 4, 20914])
    func `those of all the world stay`(number: Int) async throws {
        let test = try TestPeople()
        #expect(await fault { try DataSources(test.service).delete(number) } == "people.data-source-refused")
    }
}
