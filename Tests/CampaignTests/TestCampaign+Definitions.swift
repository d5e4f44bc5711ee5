// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Storage

@testable import Campaign

/// What a test puts into its installation: profiles, data sources, audiences.
extension TestCampaign {
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
}
