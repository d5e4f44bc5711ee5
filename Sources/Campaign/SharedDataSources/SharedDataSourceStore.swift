// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// The shared data sources of an installation.
package struct SharedDataSourceStore {
    let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Makes the built-in data source, as part of a new installation.
    ///
    /// - Parameter database: The database, in a transaction.
    /// - Throws: What the database answers.
    static func createDefault(in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO shared_data_sources
                    (id, label, number, integration_code, mode, normalization_version, channel,
                     import_account, export_account)
                VALUES ('defaultDataSource', 'Recipient – Visitor ID', 14016, 'AdobeCampaignMID', 'visitor', ?,
                     'other', 'importSharedAudience', 'exportSharedAudience')
                ON CONFLICT DO NOTHING
                """,
            arguments: [Normalization.version]
        )
    }

    /// All data sources: higher priority first, then by ID, the order in which aliases are tried.
    ///
    /// - Parameter database: The database.
    /// - Returns: At most 1,000 data sources, with their secrets opened.
    /// - Throws: ``Problem`` of kind `secrets.unreadable`, or `database.damaged` when a data source's field is gone;
    ///   what the database answers.
    package func all(in database: Database) throws -> [SharedDataSource] {
        let fields = try ProfileFieldStore.all(in: database)
        return try Row.fetchAll(
            database,
            sql: "SELECT * FROM shared_data_sources ORDER BY priority DESC, id LIMIT 1000"
        )
        .map { try decode($0, fields: fields) }
    }

    /// Finds a data source.
    ///
    /// - Throws: ``Problem`` of kind `data-sources.unknown`.
    package func find(_ id: SharedDataSource.ID, in database: Database) throws -> SharedDataSource {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM shared_data_sources WHERE id = ?",
            arguments: [id.rawValue]
        )
        guard let row else {
            throw Problem(.dataSourceUnknown, "There is no shared data source \(id).", field: "data-source")
        }
        return try decode(row, fields: ProfileFieldStore.all(in: database))
    }

    /// Stores a new data source.
    ///
    /// - Parameters:
    ///   - source: The data source; the key of an encrypted one is sealed here.
    ///   - database: The database, in a transaction.
    /// - Throws: ``Problem`` of kind `data-sources.refused` when the ID, number or alias is taken.
    package func insert(_ source: SharedDataSource, in database: Database) throws {
        let isThere = try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT 1 FROM shared_data_sources WHERE id = ?)",
            arguments: [source.id.rawValue]
        )
        guard isThere != true else {
            throw Problem(
                .dataSourceRefused,
                "There is a shared data source \(source.id) already.",
                advice:
                    "Choose another ID, or change that one with `tallystick data-sources edit \(source.id)`.",
                field: "id"
            )
        }
        try refuseTaken(source, in: database)
        var hash: String?
        var cipher: String?
        var sealedKey: Data?
        var sealedIV: Data?
        switch source.rule.form {
        case .digest(let algorithm):
            hash = algorithm.rawValue
        case .cipher(let key):
            cipher = key.algorithm.rawValue
            sealedKey = try campaign.sealer.seal(key.key, for: Self.owner(source.id, "key"))
            sealedIV = try campaign.sealer.seal(key.vector, for: Self.owner(source.id, "iv"))
        case .plain, .visitorID:
            break
        }
        try database.execute(
            sql: """
                INSERT INTO shared_data_sources
                    (id, label, number, integration_code, destination, mode, key_field, normalization,
                     normalization_version, hash, cipher, cipher_key, cipher_iv, channel, priority, comment,
                     import_account, export_account, terms_accepted)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                source.id.rawValue, source.label, source.number, source.integrationCode, source.destination,
                source.keyField == nil ? "visitor" : "declared", source.keyField?.name,
                source.rule.normalization.description, Normalization.version, hash, cipher, sealedKey,
                sealedIV,
                source.channel.rawValue, source.priority, source.comment, source.importAccount,
                source.exportAccount, source.termsAccepted,
            ]
        )
    }

    /// Changes what may change of a data source: everything but its criteria.
    ///
    /// - Throws: ``Problem`` of kind `data-sources.refused` when the number or alias is taken.
    package func update(_ source: SharedDataSource, in database: Database) throws {
        try refuseTaken(source, in: database)
        try database.execute(
            sql: """
                UPDATE shared_data_sources
                SET label = ?, number = ?, integration_code = ?, destination = ?, priority = ?, comment = ?,
                    import_account = ?, export_account = ?, terms_accepted = ?
                WHERE id = ?
                """,
            arguments: [
                source.label, source.number, source.integrationCode, source.destination, source.priority,
                source.comment, source.importAccount, source.exportAccount, source.termsAccepted,
                source.id.rawValue,
            ]
        )
    }

    /// Notes the file that was imported last.
    ///
    /// - Parameters:
    ///   - name: The file's name.
    ///   - id: The data source.
    ///   - full: The moment of a full file, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func noteLastFile(
        _ name: String,
        of id: SharedDataSource.ID,
        full: Int64?,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE shared_data_sources
                SET last_file = ?, last_full = max(coalesce(last_full, 0), coalesce(?, last_full, 0)) WHERE id = ?
                """,
            arguments: [name, full, id.rawValue]
        )
    }

    /// Refuses to let data flow through a source whose terms nobody accepted.
    ///
    /// - Throws: ``Problem`` of kind `data-sources.terms-open`.
    static func requireTerms(_ source: SharedDataSource) throws {
        guard source.termsAccepted != nil else {
            throw Problem(
                .termsOpen,
                "The terms of the shared data source \(source.id) have not been accepted.",
                advice:
                    "Read docs/terms.md, then run `tallystick data-sources edit \(source.id) --accept-terms`."
            )
        }
    }

    /// The number that a source's files are named by.
    ///
    /// - Parameter source: The data source.
    /// - Returns: Its number.
    /// - Throws: ``Problem`` of kind `data-sources.refused` when it has none.
    static func requireNumber(_ source: SharedDataSource) throws -> Int {
        guard let number = source.number else {
            throw Problem(
                .dataSourceRefused,
                "The shared data source \(source.id) has no number, so its files have no name.",
                advice: "Run `tallystick data-sources edit \(source.id) --number N`."
            )
        }
        return number
    }

    private func refuseTaken(_ source: SharedDataSource, in database: Database) throws {
        try releasePreset(source, in: database)
        let rival = try Row.fetchOne(
            database,
            sql: """
                SELECT id, number, integration_code FROM shared_data_sources
                WHERE id <> ? AND (number = ? OR integration_code = ?) LIMIT 1
                """,
            arguments: [source.id.rawValue, source.number, source.integrationCode]
        )
        guard let rival else { return }
        let owner: String = rival["id"]
        let number: Int? = rival["number"]
        var what = "integration code \(source.integrationCode)"
        if let number, number == source.number { what = "number \(number)" }
        throw Problem(.dataSourceRefused, "The \(what) belongs to the shared data source \(owner).")
    }

    /// The built-in data source's number is a preset: another source may take it as long as the built-in one is unused.
    private func releasePreset(_ source: SharedDataSource, in database: Database) throws {
        guard !source.isDefault else { return }
        try database.execute(
            sql: """
                UPDATE shared_data_sources SET number = NULL
                WHERE id = ? AND number = ? AND terms_accepted IS NULL
                    AND NOT EXISTS (SELECT 1 FROM audiences WHERE data_source = shared_data_sources.id)
                """,
            arguments: [SharedDataSource.defaultID.rawValue, source.number]
        )
    }
}
