// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of the ledger of remote files; each system's database has them.
package enum LedgerSchema {
    /// Makes the tables, as a step of a system's migrations.
    ///
    /// - Parameter database: The database of the system.
    /// - Throws: What the database answers.
    package static func create(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE ledger_files (
                    id INTEGER PRIMARY KEY,
                    account TEXT NOT NULL,
                    path TEXT NOT NULL,
                    byte_count INTEGER NOT NULL,
                    modified INTEGER NOT NULL,
                    sha256 TEXT,
                    state TEXT NOT NULL CHECK (state IN
                        ('discovered', 'spooled', 'verified', 'loaded', 'rejected', 'waiting')),
                    reason TEXT,
                    receipt TEXT,
                    discovered INTEGER NOT NULL,
                    changed INTEGER NOT NULL,
                    UNIQUE (account, path, byte_count, modified)
                );
                CREATE INDEX ledger_files_by_content ON ledger_files (sha256);
                CREATE INDEX ledger_files_by_size ON ledger_files (byte_count);
                """
        )
    }
}
