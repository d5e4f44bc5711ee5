// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Matching
import Problems
import Provisioning
import Storage
import Synchronization
import Testing

@testable import PeopleService

/// An installation of one test: a data directory of its own, and a clock that stands still until told, unless servers
/// have to agree with it.
final class TestPeople: Sendable {
    static let organization = "5DC5123F5245B1D20A490D46@AdobeOrg"
    /// 2026-11-21 12:00 UTC, in milliseconds since 1970.
    static let start: Int64 = 1_795_262_400_000

    let root: String
    let service: PeopleService
    private let clock: Clock

    /// Makes an installation.
    ///
    /// - Parameter isRunning: Whether its clock goes on by itself, from the machine's time.
    /// - Throws: What the database answers.
    init(isRunning: Bool = false) throws {
        let name = "people-\(UUID().uuidString)"
        root = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        let clock = Clock(isRunning: isRunning)
        self.clock = clock
        service = try PeopleService.create(
            DataDirectory(path: root + "/data"),
            organization: #require(OrganizationID(Self.organization)),
            world: World(now: { Date(timeIntervalSince1970: Double(clock.milliseconds) / 1000) })
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// A clock that stands still, or is ahead of the machine's.
    private final class Clock: Sendable {
        private let isRunning: Bool
        private let passed = Mutex<Int64>(0)

        init(isRunning: Bool) { self.isRunning = isRunning }

        var milliseconds: Int64 {
            let start = isRunning ? Int64(Date().timeIntervalSince1970 * 1_000) : TestPeople.start
            return start + passed.withLock { $0 }
        }

        func pass(_ milliseconds: Int64) { passed.withLock { $0 += milliseconds } }
    }

    /// Lets time pass.
    func pass(days: Int) { pass(hours: days * 24) }

    /// Lets time pass.
    func pass(hours: Int) { clock.pass(Int64(hours) * 3_600_000) }

    /// Lets time pass.
    func pass(seconds: Int) { clock.pass(Int64(seconds) * 1_000) }

    /// Lets time pass.
    func pass(minutes: Int) { clock.pass(Int64(minutes) * 60_000) }

    var today: Day { service.today }

    // Definitions

    /// An installation with devices 100 and people 200 and 201.
    static func linkable() throws -> TestPeople {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        return test
    }

    @discardableResult
    func dataSource(
        _ number: DataSourceNumber,
        _ type: DataSource.IDType,
        form: IDSpelling = .declared
    ) throws -> DataSource {
        try service.write { database in
            let source = DataSource(
                number: number,
                name: "Source \(number)",
                description: "",
                integrationCode: "code\(number)",
                idType: type,
                idSpelling: form,
                namespace: number,
                isGlobal: false,
                restrictions: []
            )
            try DataSourceStore().add(source, at: service.world.milliseconds, in: database)
            _ = try MergeRuleStore().follow(source, in: database)
            return source
        }
    }

    /// Makes a trait; onboarded without a rule.
    func trait(of source: DataSourceNumber, rule: String? = nil, lifetime: Int = 120) throws -> SID {
        try service.write { database in
            try TraitStore().add(at: service.world.milliseconds, in: database) { sid in
                Trait(
                    sid: sid,
                    name: "Trait \(sid)",
                    description: "",
                    dataSource: source,
                    rule: rule,
                    lifetimeDays: lifetime
                )
            }
            .sid
        }
    }

    func mergeRule(
        _ across: MergeRule.Across,
        _ devices: MergeRule.Devices,
        sources: [DataSourceNumber]
    ) throws -> Int {
        try service.write { database in
            try MergeRuleStore().add(
                MergeRule(
                    number: 0,
                    name: "\(across) \(devices)",
                    across: across,
                    devices: devices,
                    sources: sources,
                    isDefault: false,
                    restrictions: []
                ),
                at: service.world.milliseconds,
                in: database
            )
            .number
        }
    }

    // Files

    /// Onboards a file as the sync does.
    @discardableResult
    func onboard(_ text: String, _ file: String) throws -> Receipt {
        try onboard([Array(text.utf8)], file)
    }

    /// Onboards a file of any bytes as the sync does.
    @discardableResult
    func onboard(_ bytes: [UInt8], _ file: String) throws -> Receipt {
        try onboard([bytes], file)
    }

    /// Onboards a set of several parts as the sync does.
    @discardableResult
    func onboard(_ parts: [String], _ file: String) throws -> Receipt {
        try onboard(parts.map { Array($0.utf8) }, file)
    }

    private func onboard(_ parts: [[UInt8]], _ file: String) throws -> Receipt {
        let name = try #require(InboundFileName(parsing: file))
        return try run(.onboarding, file, parts) { directory, sources, receipt in
            try OnboardingRun(name, directory, service).run(sources, &receipt)
        }
    }

    /// Takes an ID-sync file as the sync does.
    @discardableResult
    func idSync(_ text: String, _ file: String) throws -> Receipt {
        let name = try #require(IDSyncFileName(parsing: file))
        return try run(.idSync, file, [Array(text.utf8)]) { directory, sources, receipt in
            try IDSyncRun(name, directory, service).run(sources, &receipt)
        }
    }

    private func run(
        _ kind: Receipt.Kind,
        _ file: String,
        _ parts: [[UInt8]],
        _ work: (IDDirectory, [OnboardingRun.Source], inout Receipt) throws -> Void
    ) throws -> Receipt {
        var receipt = try service.write { database in
            try ReceiptStore().begin(kind, account: "in", at: service.world.milliseconds, in: database)
        }
        let sources = parts.map { OnboardingRun.Source(name: file, bytes: MemorySource($0)) }
        try work(IDDirectory(service), sources, &receipt)
        return receipt
    }

    /// The members of a segment, as `number:ID`.
    func members(of segment: SID) throws -> Set<String> {
        try service.read { database in
            var names: Set<String> = []
            try IDStore().forEach(of: SegmentStore().members(of: segment, in: database), in: database) {
                names.insert("\($1):\(String(decoding: $2, as: UTF8.self))")
            }
            return names
        }
    }
}
