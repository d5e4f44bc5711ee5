// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import PeopleService
import Provisioning
import Storage

/// One installation that is filled and measured step by step.
final class Trial {
    static let visitors = 4
    static let declared = 100
    private static let traitCounts = (onboarded: 160, ruled: 40)
    private static let segmentCount = 200
    /// How many lines the files have that come once everything is there.
    private static let fileLineCount = 1_000_000

    private let folder: String
    private let service: PeopleService
    private let people: SamplePeople
    /// The time in the names of files, in seconds since 1970: links count from it, so it is some days past.
    private var time: Int

    /// Opens the installation of a folder, or makes one with data sources and traits and nobody in it.
    init(_ folder: String, deviceCount: Int) throws {
        self.folder = folder
        let data = DataDirectory(path: folder + "/data")
        let isNew = !data.holds(.people)
        guard let organization = OrganizationID("5DC5123F5245B1D20A490D46@AdobeOrg") else {
            preconditionFailure("an organization ID")
        }
        time = Int(Date.now.timeIntervalSince1970) - (isNew ? 500_000 : 250_000)
        let start = ContinuousClock.now
        service = try PeopleService.create(data, organization: organization)
        if isNew {
            try Self.makeTraits(service)
        } else {
            print("  opened and brought up to date in \((ContinuousClock.now - start) / .seconds(1)) s")
        }
        let (onboarded, ruled) = try service.read { database in
            (
                try Int.fetchAll(database, sql: "SELECT sid FROM traits WHERE rule IS NULL ORDER BY sid"),
                try Int.fetchAll(database, sql: "SELECT sid FROM traits WHERE rule IS NOT NULL ORDER BY sid")
            )
        }
        people = SamplePeople(
            deviceCount: deviceCount,
            onboarded: onboarded,
            ruledCount: Self.traitCounts.ruled
        )
        self.ruled = ruled
    }

    private let ruled: [Int]

    private static func makeTraits(_ service: PeopleService) throws {
        let now = service.world.milliseconds
        try service.write { database in
            let source = DataSource(
                number: declared,
                name: "Declared IDs",
                integrationCode: "declared",
                idType: .crossDevice
            )
            try DataSourceStore().add(source, at: now, in: database)
            _ = try MergeRuleStore().follow(source, in: database)
            for number in 0..<traitCounts.onboarded + traitCounts.ruled {
                let rule = number - traitCounts.onboarded
                _ = try TraitStore().add(at: now, in: database) { sid in
                    Trait(
                        sid: sid,
                        name: "Trait \(sid)",
                        dataSource: declared,
                        rule: rule < 0 ? nil : "product == \"p\(rule)\""
                    )
                }
            }
        }
    }

    /// Fills the installation and measures each step.
    func fill() throws {
        let (devices, persons) = (people.deviceCount, people.personCount)
        print("\(devices) devices, \(persons) people")
        try signals("onboarding, new IDs", 0..<persons, ofDevices: false)
        for part in 0..<10 {
            let rows = devices * part / 10..<devices * (part + 1) / 10
            try links("ID-sync, new devices, part \(part + 1)", rows) { $0 / 2 }
        }
        try signals("onboarding, known IDs, no segments", 0..<devices, ofDevices: true)
        try segments()
        size("filled")
    }

    /// Measures what comes once everything is there.
    func measure() async throws {
        let (devices, persons) = (people.deviceCount, people.personCount)
        let count = min(Self.fileLineCount, devices / 2)
        try await Exchange(service, people, folder).measure(lines: count)
        try signals("one line", [devices / 3], ofDevices: true)
        try signals("1,000 lines", sample(1_000, of: devices), ofDevices: true)
        try signals("known devices", sample(count, of: devices), ofDevices: true)
        try signals("known devices again", sample(count, of: devices), ofDevices: true)
        try signals("known people", sample(count, of: persons), ofDevices: false)
        try signals("new people", persons..<(persons + count), ofDevices: false)
        try links("ID-sync, known links", sample(count, of: devices)) { $0 / 2 }
        try links("ID-sync, other people", sample(count, of: devices)) { _ in Int.random(in: 0..<persons) }
        size("at the end")
        try measure("the index opened anew, every byte checked", devices + persons) {
            _ = try IDDirectory(service)
        }
    }

    private func sample(_ count: Int, of all: Int) -> [Int] {
        let start = time
        return (0..<count).map { Int(SampleFile.mixed(UInt64($0 + start << 24)) % UInt64(all)) }
    }

    private func segments() throws {
        let traits = people.onboarded + ruled
        try measure("200 segments made", Self.segmentCount) {
            for number in 0..<Self.segmentCount {
                let some = (0..<3).map { traits[(number * 7 + $0 * 53) % traits.count] }
                let rule =
                    switch number % 4 {
                    case 0: "\(some[0])T"
                    case 1: "\(some[0])T or \(some[1])T"
                    case 2: "(\(some[0])T or \(some[1])T) and not \(some[2])T"
                    default: "\(some[0])T and (\(some[1])T or \(some[2])T)"
                    }
                _ = try Segments(service)
                    .create(name: "Segment \(number)", dataSource: Self.declared, rule: rule)
            }
        }
    }

    private func signals(_ what: String, _ users: some Collection<Int>, ofDevices: Bool) throws {
        time += 1
        let source = ofDevices ? "\(Self.visitors)_\(Self.declared)" : "\(Self.declared)"
        let file = "ftp_dpm_\(source)_\(time).sync"
        try people.writeSignals(path(file), users, ofDevices: ofDevices, seed: UInt64(time))
        guard let name = InboundFileName(parsing: file) else { preconditionFailure("a file name") }
        try run(what, file, .onboarding, users.count) { source, directory, receipt in
            try OnboardingRun(name, directory, service).run([source], &receipt)
        }
    }

    private func links(_ what: String, _ devices: some Collection<Int>, person: (Int) -> Int) throws {
        time += 1
        let file = "adobe_id_\(Self.visitors)_\(Self.declared)_\(time).sync"
        try people.writeLinks(path(file), devices, person: person)
        guard let name = IDSyncFileName(parsing: file) else { preconditionFailure("a file name") }
        try run(what, file, .idSync, devices.count) { source, directory, receipt in
            try IDSyncRun(name, directory, service).run([source], &receipt)
        }
    }

    private func run(
        _ what: String,
        _ file: String,
        _ kind: Receipt.Kind,
        _ lines: Int,
        _ work: (OnboardingRun.Source, IDDirectory, inout Receipt) throws -> Void
    ) throws {
        let source = OnboardingRun.Source(name: file, bytes: try FileDescriptorSource(path: path(file)))
        let now = service.world.milliseconds
        var receipt = try service.write {
            try ReceiptStore().begin(kind, account: "bench", at: now, in: $0)
        }
        // For this run alone, as the program opens it: two at once would count twice as resident memory.
        let directory = try IDDirectory(service)
        try measure(what, lines) { try work(source, directory, &receipt) }
        let stages = receipt.stages.map { "\($0.stage) \(String(format: "%.2f", $0.seconds)) s" }
        let matched = receipt.counts[.matched]
        print(
            "    \(stages.joined(separator: ", ")); \(matched) used, \(receipt.segments.count) segments changed"
        )
        try FileManager.default.removeItem(atPath: path(file))
    }

    private func path(_ file: String) -> String { "\(folder)/\(file)" }

    private func measure(_ what: String, _ count: Int, _ work: () throws -> Void) rethrows {
        let watch = Stopwatch()
        try work()
        watch.report(what, count)
    }

    /// Prints what everything takes on the disk.
    private func size(_ what: String) {
        let paths = ["people.db", "people.db-wal", "indexes/people.index"]
        let sizes = paths.map { path -> String in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/data/\(path)")
            let bytes = attributes?[.size] as? Int ?? 0
            return
                "\(path) \(bytes >> 20) MiB, \(bytes / (people.deviceCount + people.personCount)) bytes an ID"
        }
        print("  \(what): \(sizes.joined(separator: "; "))")
    }
}
