// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Testing

@testable import PeopleService

/// Files that lie in several places, and places that several accounts see.
@Suite("Copied files")
struct CopiedFileTests {
    private static let name = "ftp_dpm_200_1700000000.sync"
    private static let text = "u\tpage=a\nv\tpage=a\n"

    private func people() throws -> TestPeople {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        _ = try test.trait(of: 200, rule: "page == \"a\"")
        return test
    }

    private func addAccount(_ id: String, _ path: String, to test: TestPeople) throws {
        try test.service.write { database in
            try ExternalAccountStore().save(
                ExternalAccount(id: id, label: id, settings: .folder(path: path)),
                in: database
            )
        }
    }

    private func addFolder(_ name: String, to test: TestPeople) throws {
        try FileManager.default.createDirectory(
            atPath: "\(test.inbox)/\(name)",
            withIntermediateDirectories: true
        )
    }

    /// Who has the trait so often.
    private func users(_ test: TestPeople, times: Int) throws -> Set<String> {
        let rule = "frequency([101T]) == \(times) AND 101T"
        return try test.members(
            of: Segments(test.service).create(name: "\(times)", dataSource: 200, rule: rule).sid
        )
    }

    @Test("A copy in another folder is recognised, at once and later", arguments: ["", "date=2027-01-31/"])
    func copies(first: String) async throws {
        let test = try people()
        try addFolder("date=2027-01-31", to: test)
        try addFolder("date=2027-02-01", to: test)
        try test.deliver(Self.text, first + Self.name)
        try await test.sync()
        test.pass(hours: 1)
        try test.deliver(Self.text, "date=2027-02-01/\(Self.name)")
        let report = try await test.sync()
        #expect(report.receipts.isEmpty)
        let reason = "the same bytes as \(first)\(Self.name), read by P1"
        #expect(
            report.recognised
                == [PeopleSyncReport.Waiting(file: "date=2027-02-01/\(Self.name)", reason: reason)]
        )
        #expect(try await test.sync().recognised.isEmpty)
        #expect(try users(test, times: 1) == ["200:u", "200:v"])
    }

    @Test("An ID-sync file with rejected rows is read again when it is delivered again, here or elsewhere")
    func rejectedRows() async throws {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .crossDevice)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(300, .device)
        let name = "adobe_id_100_200_1700000000.sync"
        try test.deliver("c1\tm1\n", name)
        try await test.sync()
        #expect(try !test.knows("200:m1"))
        try test.deliver("d1\tc1\n", "adobe_id_300_100_1700000001.sync")
        try await test.sync()
        try addFolder("date=2027-02-01", to: test)
        test.pass(hours: 1)
        try test.deliver("c1\tm1\n", "date=2027-02-01/\(name)")
        #expect(try await test.sync().receipts.map(\.state) == [.completed])
        #expect(Set(try test.partners(of: "300:d1")) == ["200:m1", "100:c1"])
        test.pass(hours: 1)
        try test.touch(name)
        let report = try await test.sync()
        #expect(report.receipts.isEmpty)
        #expect(report.recognised.map(\.file) == [name])
    }

    @Test("The same bytes under another time are another delivery")
    func anotherTime() async throws {
        let test = try people()
        try test.deliver(Self.text, Self.name)
        try test.deliver(Self.text, "ftp_dpm_200_1700000001.sync")
        #expect(try await test.sync().receipts.map(\.received) == [2, 2])
        #expect(try users(test, times: 2) == ["200:u", "200:v"])
    }

    @Test("Other bytes under the name in another folder are read")
    func otherBytes() async throws {
        let test = try people()
        try addFolder("b", to: test)
        try test.deliver("u\tpage=a\n", Self.name)
        try test.deliver("v\tpage=a\n", "b/\(Self.name)")
        #expect(try await test.sync().receipts.map(\.received) == [1, 1])
        #expect(try users(test, times: 1) == ["200:u", "200:v"])
    }

    @Test("Where several accounts see a place each version of a file is read once")
    func sharedPlace() async throws {
        let test = try people()
        try addAccount("in2", test.inbox + "/../in", to: test)
        try addAccount("in3", test.inbox, to: test)
        var received = 0
        // The first version again, after another one, is a delivery that somebody wants.
        for text in ["u\tpage=a\n", "v\tpage=a\n", "u\tpage=a\n"] {
            test.pass(hours: 1)
            try test.deliver(text, Self.name)
            let report = try await test.sync()
            received += report.receipts.reduce(0) { $0 + $1.received }
            #expect(report.receipts.count == 1)
            #expect(report.recognised.count == 2)
            #expect(try await test.sync().recognised.isEmpty)
        }
        #expect(received == 3)
        #expect(try users(test, times: 2) == ["200:u"])
        #expect(try users(test, times: 1) == ["200:v"])
    }

    @Test("Parts that were copied are recognised beside one that is new")
    func copiedParts() async throws {
        let test = try people()
        try addFolder("b", to: test)
        try test.deliver("u\tpage=a\n", "\(Self.name).1")
        try await test.sync()
        try test.deliver("u\tpage=a\n", "b/\(Self.name).1")
        try test.deliver("v\tpage=a\n", "b/\(Self.name).2")
        let report = try await test.sync()
        #expect(report.recognised.map(\.file) == ["b/\(Self.name).1"])
        #expect(report.receipts.map(\.received) == [1])
        #expect(try users(test, times: 1) == ["200:u", "200:v"])
    }
}
