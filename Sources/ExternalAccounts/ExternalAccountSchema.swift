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
}
