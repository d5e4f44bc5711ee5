// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The table of external accounts; each system's database has one.
package enum ExternalAccountSchema {
    /// Makes the table with the two built-in accounts, as a step of a system's migrations.
    ///
    /// - Parameter database: The database of the system.
    /// - Throws: What the database answers.
    package static func create(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE external_accounts (
                    id TEXT PRIMARY KEY,
                    label TEXT NOT NULL,
                    type TEXT CHECK (type IN ('folder')),
                    path TEXT,
                    is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
                    CHECK (type <> 'folder' OR path IS NOT NULL)
                ) WITHOUT ROWID;
                INSERT INTO external_accounts (id, label) VALUES
                    ('importSharedAudience', 'Import shared audiences'),
                    ('exportSharedAudience', 'Export shared audiences');
                """
        )
    }

    /// Lets accounts be on servers: settings of any type as JSON, sealed secrets, and rules for their files.
    ///
    /// SQLite can't change a table's checks, so the table is made anew.
    ///
    /// - Parameter database: The database of the system, in a migration that holds off checks of foreign keys.
    /// - Throws: What the database answers.
    package static func addServers(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE new_external_accounts (
                    id TEXT PRIMARY KEY,
                    label TEXT NOT NULL,
                    type TEXT CHECK (type IN ('folder', 'sftp', 's3')),
                    settings TEXT,
                    rules TEXT NOT NULL DEFAULT '{"afterReading":{"keep":{}}}',
                    sealed_secrets BLOB,
                    is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
                    CHECK ((type IS NULL) = (settings IS NULL))
                ) WITHOUT ROWID;
                INSERT INTO new_external_accounts (id, label, type, settings, is_enabled)
                    SELECT id, label, type, CASE WHEN path IS NOT NULL THEN json_object('path', path) END, is_enabled
                    FROM external_accounts;
                DROP TABLE external_accounts;
                ALTER TABLE new_external_accounts RENAME TO external_accounts;
                """
        )
    }
}
