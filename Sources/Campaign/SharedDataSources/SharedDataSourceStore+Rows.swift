// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Storage

extension SharedDataSourceStore {
    /// What a secret of a data source is sealed for.
    static func owner(_ id: SharedDataSource.ID, _ part: String) -> String {
        "shared-data-source/\(id)/\(part)"
    }

    /// Reads a data source from its row; its secrets are opened.
    func decode(_ row: Row, fields: [ProfileField]) throws -> SharedDataSource {
        let id = SharedDataSource.ID(row["id"])
        let channel = SharedDataSource.Channel(rawValue: row["channel"]) ?? .other
        return SharedDataSource(
            id: id,
            label: row["label"],
            number: row["number"],
            integrationCode: row["integration_code"],
            destination: row["destination"],
            mode: try mode(row, id: id, channel: channel, fields: fields),
            channel: channel,
            priority: row["priority"],
            comment: row["comment"],
            importAccount: row["import_account"],
            exportAccount: row["export_account"],
            termsAccepted: row["terms_accepted"],
            lastFile: row["last_file"],
            lastFull: row["last_full"]
        )
    }

    private func mode(
        _ row: Row,
        id: SharedDataSource.ID,
        channel: SharedDataSource.Channel,
        fields: [ProfileField]
    ) throws -> SharedDataSource.Mode {
        guard let name: String = row["key_field"] else { return .visitor }
        guard let key = fields.first(where: { $0.name == name }) else {
            throw Problem(.databaseDamaged, "The data source \(id) names the field \(name), which is gone.")
        }
        let form: IDForm
        if let hash: String = row["hash"], let algorithm = DigestAlgorithm(rawValue: hash) {
            form = .digest(algorithm)
        } else if let cipher: String = row["cipher"], let algorithm = CipherAlgorithm(rawValue: cipher) {
            form = .cipher(
                try CipherKey(
                    algorithm,
                    keyHex: HexText.string(
                        campaign.sealer.open(row["cipher_key"], for: Self.owner(id, "key"))
                    ),
                    ivHex: HexText.string(campaign.sealer.open(row["cipher_iv"], for: Self.owner(id, "iv")))
                )
            )
        } else {
            form = .plain
        }
        let normalization = try Normalization(parsing: row["normalization"])
        return .declared(
            key: key,
            IDRule(form, normalization: normalization, addressForm: channel.addressForm)
        )
    }

    /// Seals the keys and vectors of all data sources anew.
    ///
    /// - Parameters:
    ///   - older: Opens them.
    ///   - newer: Seals them.
    ///   - database: The database, in a transaction.
    /// - Returns: How many secrets there are.
    /// - Throws: ``Problem`` of kind `secrets.unreadable`, or what the database answers.
    static func reseal(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int {
        let rows = try Row.fetchAll(
            database,
            sql:
                "SELECT id, cipher_key, cipher_iv FROM shared_data_sources WHERE cipher IS NOT NULL ORDER BY id"
        )
        for row in rows {
            let id = SharedDataSource.ID(row["id"])
            let (key, iv) = (owner(id, "key"), owner(id, "iv"))
            try database.execute(
                sql: "UPDATE shared_data_sources SET cipher_key = ?, cipher_iv = ? WHERE id = ?",
                arguments: [
                    try newer.seal(older.open(row["cipher_key"], for: key), for: key),
                    try newer.seal(older.open(row["cipher_iv"], for: iv), for: iv),
                    id.rawValue,
                ]
            )
        }
        return rows.count * 2
    }
}
