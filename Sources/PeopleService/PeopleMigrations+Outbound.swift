// SPDX-License-Identifier: Apache-2.0

import GRDB

extension PeopleMigrations {
    /// The steps that concern what destinations are told.
    static func registerOutbound(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("0030_withdrawn_plans") { database in
            try database.execute(sql: withdrawnPlans)
        }
        migrator.registerMigration("0031_sent_aliases") { database in
            try database.execute(sql: sentAliases)
        }
        migrator.registerMigration("0032_unwritten_ids") { database in
            try database.execute(sql: unwrittenIDs)
        }
        migrator.registerMigration("0033_asked_destinations") { database in
            try database.execute(sql: "ALTER TABLE destinations ADD COLUMN asked INTEGER")
        }
        migrator.registerMigration("0034_plan_moments") { database in
            try database.execute(sql: "ALTER TABLE outbound_plans ADD COLUMN made INTEGER NOT NULL DEFAULT 0")
        }
    }

    private static let unwrittenIDs = """
        CREATE TABLE unwritten_ids (
            destination INTEGER PRIMARY KEY REFERENCES destinations (number) ON DELETE CASCADE,
            members BLOB NOT NULL
        );
        """

    private static let sentAliases = """
        ALTER TABLE mappings ADD COLUMN sent_alias TEXT;
        ALTER TABLE outbound_plan_sets ADD COLUMN alias TEXT;
        """

    private static let withdrawnPlans = """
        ALTER TABLE outbound_plans ADD COLUMN mode TEXT NOT NULL DEFAULT 'iter' CHECK (mode IN ('full', 'iter'));
        ALTER TABLE outbound_plans ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE mappings ADD COLUMN doubtful BLOB;

        CREATE TABLE withdrawn_files (
            account TEXT NOT NULL,
            path TEXT NOT NULL,
            destination INTEGER NOT NULL REFERENCES destinations (number) ON DELETE CASCADE,
            PRIMARY KEY (account, path)
        ) WITHOUT ROWID;
        """
}
