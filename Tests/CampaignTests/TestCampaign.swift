// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Synchronization
import Testing

@testable import Campaign

/// An installation of one test: a data directory of its own, two folders of the partner, and a world that stands still.
final class TestCampaign: Sendable {
    /// When the world stands still: 2017-02-05 13:06:40 UTC.
    static let start: Double = 1_486_300_000

    let root: String
    let inbox: String
    let outbox: String
    let world: World
    let campaign: Campaign
    private let clock: WorldClock
    private let loads = Mutex(0)

    convenience init() throws {
        try self.init { try Campaign.create($0, world: $1) }
        try campaign.write { [inbox, outbox] database in
            let store = ExternalAccountStore()
            try store.save(
                ExternalAccount(id: ExternalAccount.importID, label: "In", settings: .folder(path: inbox)),
                in: database
            )
            try store.save(
                ExternalAccount(id: ExternalAccount.exportID, label: "Out", settings: .folder(path: outbox)),
                in: database
            )
        }
    }

    /// Makes the folders, and has the installation made or opened in one of them.
    init(opening open: (DataDirectory, World) throws -> Campaign) throws {
        root =
            FileManager.default.temporaryDirectory.appendingPathComponent("campaign-\(UUID().uuidString)")
            .path
        inbox = root + "/in"
        outbox = root + "/out"
        for folder in [inbox, outbox] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let clock = WorldClock(Self.start)
        self.clock = clock
        world = World(now: { clock.now }, randomBytes: { clock.randomBytes($0) })
        campaign = try open(DataDirectory(path: root + "/data"), world)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    var data: DataDirectory { campaign.directory }

    /// Lets time pass.
    func pass(seconds: Double) {
        clock.pass(seconds)
    }

    /// Opens the same data directory again, as the next process does.
    func reopened() throws -> Campaign {
        try Campaign(data, world: world)
    }

    // Profiles

    @discardableResult
    func load(
        _ csv: String,
        key: String = "externalId",
        mapping: [String: String] = [:],
        isDryRun: Bool = false
    ) throws -> ProfileLoadReport {
        try ProfileLoad(campaign, key: key, mapping: mapping, isDryRun: isDryRun).run(write(csv))
    }

    @discardableResult
    func link(_ csv: String, key: String = "externalId") throws -> VisitorLinkReport {
        try VisitorLinkLoad(campaign, key: key).run(write(csv))
    }

    /// Adds a custom field.
    func addField(_ name: String, _ type: String, isUnique: Bool = false) throws {
        _ = try campaign.write {
            try ProfileFieldStore.add(name: name, type: type, isUnique: isUnique, in: $0)
        }
    }

    /// The profiles' values of some fields as the database keeps them, by number.
    func profiles(_ fields: String...) throws -> [String] {
        try campaign.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT number, \(fields.joined(separator: ", ")) FROM profiles ORDER BY number"
            )
            .map { row in
                row.databaseValues.map { value in
                    switch value.storage {
                    case .null: "-"
                    case .int64(let number): "\(number)"
                    case .double(let number): "\(number)"
                    case .string(let text): text
                    case .blob: "blob"
                    }
                }
                .joined(separator: " ")
            }
        }
    }

    /// Writes a file that is none of the partner's.
    func write(_ text: String) throws -> String {
        let number = loads.withLock { number in
            number += 1
            return number
        }
        let path = "\(root)/load-\(number).csv"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    // Data sources and audiences

    @discardableResult
    func source(_ draft: SharedDataSourceDraft) async throws -> SharedDataSource {
        try await SharedDataSources(campaign).create(draft)
    }

    /// A source of plain external IDs with the number 14020.
    func makePlain(destination: Int? = nil) async throws {
        try await source(
            SharedDataSourceDraft(
                id: "Plain",
                number: 14_020,
                destination: destination,
                key: "externalId",
                acceptsTerms: true
            )
        )
    }

    /// A source of email addresses, hashed after trim and lower, with the number 14017.
    func makeHashed(_ hash: String = "sha256") async throws {
        try await source(
            SharedDataSourceDraft(
                id: "Hashed",
                number: 14_017,
                key: "email",
                normalize: "trim,lower",
                hash: hash,
                acceptsTerms: true
            )
        )
    }

    /// A source of encrypted IDs with the number 14018, under the published key.
    func makeEncrypted(channel: String = "email", key: String = "email", normalize: String? = nil)
        async throws
    {
        try await source(
            SharedDataSourceDraft(
                id: "Encrypted",
                number: 14_018,
                key: key,
                normalize: normalize,
                cipher: "aes-128-cbc",
                keyText: KeyDoctorSamples.key128,
                ivText: KeyDoctorSamples.vector,
                channel: channel,
                acceptsTerms: true
            )
        )
    }

    /// Lets data flow through the built-in source of visitor IDs, number 14016.
    func acceptVisitors() throws {
        _ = try SharedDataSources(campaign).edit(SharedDataSource.defaultID) { source in
            source = source.changing(termsAccepted: 1)
        }
    }

    @discardableResult
    func define(_ segment: String, _ source: String, isForced: Bool = false) throws -> String {
        try Audiences(campaign)
            .define(
                label: "\(source) \(segment)",
                segment: segment,
                SharedDataSource.ID(source),
                isReconciliationForced: isForced
            )
            .id.rawValue
    }

    func audience(_ name: String) throws -> Audience {
        try campaign.read { try AudienceStore().find(name, in: $0) }
    }

    /// The external IDs of an audience's members, by number.
    func members(_ name: String) throws -> [String] {
        try Audiences(campaign).members(of: name, limit: 0).members.map { $0.externalId ?? "?" }
    }

    /// The addresses of a File audience.
    func addresses(_ name: String) throws -> [String] {
        try Audiences(campaign).members(of: name, limit: 0).addresses
    }

    // Files

    /// Puts a file into the partner's folder, written so many seconds ago by the clock of the test's world.
    func drop(_ name: String, _ bytes: [UInt8], age: Double = 60) throws {
        let path = "\(inbox)/\(name)"
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
            [.modificationDate: clock.now.addingTimeInterval(-age)],
            ofItemAtPath: path
        )
    }

    func drop(_ name: String, _ text: String, age: Double = 60) throws {
        try drop(name, Array(text.utf8), age: age)
    }

    /// One pass of the exchange, without patience.
    func sync() async throws -> SyncReport {
        try await SyncRun(campaign).pass(isPatient: false)
    }

    /// One pass that must end in exactly one new receipt.
    @discardableResult
    func syncOne(_ location: SourceLocation = #_sourceLocation) async throws -> Receipt {
        let report = try await sync()
        let ids = report.receipts.map(\.id)
        try #require(ids.count == 1, "receipts \(ids), waiting \(report.waiting)", sourceLocation: location)
        return try campaign.read { try ReceiptStore().find(Receipt.ID(ids[0]), in: $0) }
    }

    /// All receipts, oldest first.
    var receipts: [Receipt] {
        get throws { try campaign.read { try ReceiptStore().list(limit: 1_000, in: $0) }.reversed() }
    }

    /// The ledger's entries: path and state.
    var ledger: [String] {
        get throws {
            try campaign.read {
                try String.fetchAll(
                    $0,
                    sql: "SELECT path || ' ' || state FROM ledger_files ORDER BY path, id"
                )
            }
        }
    }

    /// The rejected lines of a receipt: number, reason and text.
    func rejected(_ receipt: Receipt) throws -> [String] {
        guard let file = receipt.rejectedFile else { return [] }
        return try RejectedLinesReader.lines("\(data.rejected)/\(file)", limit: 0)
            .map { "\($0.line) \($0.reason) \($0.text)" }
    }

    /// The names in a part of the data directory.
    func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}

/// The time and the random bytes of a test.
final class WorldClock: Sendable {
    private let state: Mutex<(seconds: Double, random: CSVRandom)>

    init(_ seconds: Double) {
        state = Mutex((seconds, CSVRandom(state: 42)))
    }

    var now: Date { Date(timeIntervalSince1970: state.withLock { $0.seconds }) }

    func pass(_ seconds: Double) {
        state.withLock { $0.seconds += seconds }
    }

    func randomBytes(_ count: Int) -> [UInt8] {
        state.withLock { state in (0..<count).map { _ in UInt8(truncatingIfNeeded: state.random.next()) } }
    }
}

extension Receipt {
    /// State and counts in one line, without zeros: `completed with rejects 5: matched 3, unknown 2`.
    var account: String {
        let states = LineState.allCases.filter { counts[$0] > 0 }.map { "\($0.rawValue) \(counts[$0])" }
        return "\(state.rawValue) \(received): \(states.joined(separator: ", "))"
    }

    /// Why it failed.
    var code: String? { failure?.code }
}

/// The problem in which something must end; `nil`, and a failed expectation, when there is none.
func problem(
    _ location: SourceLocation = #_sourceLocation,
    of work: () async throws -> Void
) async -> Problem? {
    do {
        try await work()
        Issue.record("there was no problem", sourceLocation: location)
    } catch let problem as Problem {
        return problem
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}

extension ProfileLoadReport {
    /// The counts in one line, without zeros: `3: inserted 2, rejected 1`.
    var account: String {
        let counts = [
            ("inserted", inserted), ("updated", updated), ("unchanged", unchanged), ("rejected", rejected),
        ]
        return "\(read): " + counts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

extension VisitorLinkReport {
    /// The counts in one line: `3: linked 2, rejected 1`.
    var account: String { "\(read): linked \(linked), rejected \(rejected)" }
}
