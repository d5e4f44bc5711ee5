// SPDX-License-Identifier: Apache-2.0

import GRDB
import Storage
import Testing

@testable import PeopleService

/// Codes and numbers of data sources that privacy requests could take for each other.
@Suite("Integration codes")
struct IntegrationCodeTests {
    private func source(_ number: DataSourceNumber, _ code: String) -> DataSource {
        DataSource(
            number: number,
            name: "Source \(number)",
            description: "",
            integrationCode: code,
            idType: .crossDevice,
            idSpelling: .declared,
            namespace: number,
            isGlobal: false,
            restrictions: []
        )
    }

    @Test(
        "A code that privacy requests would take for another data source is refused",
        arguments: [
            ("ECID", "people.data-source-refused integration-code"),
            ("core", "people.data-source-refused integration-code"),
            ("200", "people.data-source-taken integration-code"),
            ("0200", "people.data-source-taken integration-code"),
            ("+200", "people.data-source-taken integration-code"),
            ("4", "people.data-source-taken integration-code"),
            ("201", nil), ("0201", nil), ("20000", nil), ("ECID2", nil),
        ]
    )
    func codes(_ code: String, _ problem: String?) async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let sources = DataSources(test.service)
        let made = await fault { _ = try sources.create(number: 201) { _, _ in source(201, code) } }
        #expect(made == problem)
        guard problem != nil else { return }
        try test.dataSource(202, .crossDevice)
        #expect(await fault { _ = try sources.update(202) { $0.integrationCode = code } } == problem)
    }

    @Test("A number that is the code of another data source is refused, and not given by itself")
    func numbers() async throws {
        let test = try TestPeople()
        let sources = DataSources(test.service)
        _ = try sources.create(number: 200) { _, _ in source(200, "2000000") }
        let refused = await fault {
            _ = try sources.create(number: 2_000_000) { number, _ in source(number, "a") }
        }
        #expect(refused == "people.data-source-taken number")
        let next = try sources.create(number: nil) { number, _ in source(number, "b") }
        #expect(next.dataSource.number == 2_000_001)
    }

    @Test("A code that a data source has already stays")
    func olderCodes() throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        for code in ["ECID", "200"] {
            try test.service.write { database in
                try database.execute(
                    sql: "UPDATE data_sources SET integration_code = ? WHERE number = 201",
                    arguments: [code]
                )
            }
            let changed = try DataSources(test.service).update(201) { $0.name = "Named \(code)" }
            #expect(changed.integrationCode == code)
        }
    }
}
