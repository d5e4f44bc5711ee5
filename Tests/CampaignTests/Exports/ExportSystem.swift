// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Storage
import Testing

@testable import Campaign

/// An installation of one test with a partner's folder, a fixed clock, and profiles numbered from 1.
final class ExportSystem {
    static let plain = SharedDataSource.ID("Plain")
    static let hashed = SharedDataSource.ID("Hashed")
    static let visitors = SharedDataSource.defaultID

    let campaign: Campaign
    let folder: String
    private let root: String

    init() async throws {
        root =
            FileManager.default.temporaryDirectory.appendingPathComponent("export-\(UUID().uuidString)").path
        folder = root + "/partner"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let world = World(now: { Date(timeIntervalSince1970: 1_800_000_000) })
        campaign = try Campaign.create(DataDirectory(path: root + "/data"), world: world)
        try campaign.write { [folder] database in
            try ExternalAccountStore().save(
                ExternalAccount(
                    id: ExternalAccount.exportID,
                    label: "Export",
                    settings: .folder(path: folder)
                ),
                in: database
            )
        }
        let sources = SharedDataSources(campaign)
        _ = try await sources.create(
            SharedDataSourceDraft(id: "Plain", number: 7, key: "externalId", acceptsTerms: true)
        )
        _ = try await sources.create(
            SharedDataSourceDraft(
                id: "Hashed",
                number: 8,
                key: "email",
                normalize: "trim,lower",
                hash: "sha256",
                acceptsTerms: true
            )
        )
        _ = try sources.edit(Self.visitors) { $0 = $0.changing(termsAccepted: 1) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Inserts profiles: external IDs `C1`, `C2`…, with a few exceptions.
    func insertProfiles(
        _ numbers: ClosedRange<Int>,
        emptyKeys: Set<Int> = [],
        badKeys: Set<Int> = [],
        optedOut: Set<Int> = [],
        visitors: [Int: [UInt8]] = [:]
    ) throws {
        try campaign.write { database in
            for number in numbers {
                let key = badKeys.contains(number) ? "C:\(number)" : "C\(number)"
                try database.execute(
                    sql: """
                        INSERT INTO profiles (number, externalId, email, ccpaOptOut, created, lastModified)
                        VALUES (?, ?, ?, ?, 0, 0)
                        """,
                    arguments: [
                        number, emptyKeys.contains(number) ? nil : key, "Person\(number)@Example.com",
                        optedOut.contains(number),
                    ]
                )
                for visitor in visitors[number] ?? [] {
                    try database.execute(
                        sql: "INSERT INTO visitor_links (profile, visitor, linked) VALUES (?, ?, 0)",
                        arguments: [number, Data([UInt8](repeating: 0, count: 15) + [visitor])]
                    )
                }
            }
            try Counter.profile.next(by: numbers.count, in: database)
            try Counter.profiles.next(by: numbers.count, in: database)
            try Counter.change.next(in: database)
        }
    }

    func makeList(_ members: [ProfileNumber], label: String = "List") throws -> String {
        try campaign.write { database in
            try AudienceStore().insert(label: label, .list, members: MemberSet(members), at: 0, in: database)
                .id.rawValue
        }
    }

    func setMembers(_ members: [ProfileNumber], of audience: String) throws {
        try campaign.write { database in
            try AudienceStore().publish(MemberSet(members), to: Audience.ID(audience), at: 0, in: database)
        }
    }

    /// Shares into segment 24 without compression.
    func share(
        _ audience: String,
        _ source: SharedDataSource.ID = plain,
        replacing: Bool = false,
        allowsShrinking: Bool = false
    ) async throws -> Receipt {
        var options = ShareOptions()
        options.isGzip = false
        options.allowsShrinking = allowsShrinking
        return try await Shares(campaign)
            .share(audience, into: .number(24), source, isReplacing: replacing, options: options).receipt
    }

    var published: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    /// The files of the data directory that no database knows would be found here.
    func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    func visitorText(_ last: Int) -> String {
        String(repeating: "0", count: 38 - String(last).count) + String(last)
    }
}
