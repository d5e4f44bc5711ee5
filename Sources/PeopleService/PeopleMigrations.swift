// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Storage
import Web

/// The schema of `people.db`, as numbered steps that are never edited once released.
enum PeopleMigrations {
    /// All steps, oldest first.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001_people") { database in
            try database.execute(sql: installation)
            try database.execute(sql: people)
            try ExternalAccountSchema.create(in: database)
            try ExternalAccountSchema.addServers(in: database)
            try LedgerSchema.create(in: database)
            // Campaign's own: this system has none until somebody creates them.
            try database.execute(sql: "DELETE FROM external_accounts")
        }
        migrator.registerMigration("0002_segments") { database in
            try database.execute(sql: segments)
        }
        migrator.registerMigration("0003_receipts") { database in
            try database.execute(sql: receipts)
        }
        migrator.registerMigration("0004_privacy") { database in
            try database.execute(sql: privacy)
        }
        migrator.registerMigration("0005_destinations") { database in
            try database.execute(sql: destinations)
        }
        migrator.registerMigration("0010_api_tokens") { database in
            try APITokenStore.createTable(in: database)
        }
        migrator.registerMigration("0011_provisioning") { database in
            try database.execute(sql: provisioning)
        }
        migrator.registerMigration("0012_set_pieces") { database in
            try database.execute(sql: setPieces)
        }
        migrator.registerMigration("0020_token_rights") { try APITokenStore.addLineRight(in: $0) }
        migrator.registerMigration("0021_folder_traits") { try FolderTraits.addColumn(in: $0) }
        registerOutbound(in: &migrator)
        migrator.registerMigration("0030_id_definition") { database in
            try database.execute(
                sql: "ALTER TABLE data_sources ADD COLUMN id_definition TEXT NOT NULL DEFAULT 'person'"
            )
        }
        return migrator
    }

    private static let installation = """
        CREATE TABLE organization (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            id TEXT NOT NULL
        );

        CREATE TABLE counters (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO counters (name, value) VALUES ('sid', 100);

        CREATE TABLE secrets (
            name TEXT PRIMARY KEY,
            sealed BLOB NOT NULL
        ) WITHOUT ROWID;
        """

    private static let people = """
        CREATE TABLE data_sources (
            number INTEGER PRIMARY KEY CHECK (number >= 0 AND number <= 2147483647),
            name TEXT NOT NULL UNIQUE,
            description TEXT NOT NULL DEFAULT '',
            integration_code TEXT UNIQUE,
            id_type TEXT NOT NULL CHECK (id_type IN ('cookie', 'device', 'cross-device')),
            id_spelling TEXT NOT NULL,
            namespace INTEGER NOT NULL,
            is_global INTEGER NOT NULL DEFAULT 0 CHECK (is_global IN (0, 1)),
            retention_days INTEGER,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
        );

        CREATE TABLE data_source_restrictions (
            data_source INTEGER NOT NULL REFERENCES data_sources (number) ON DELETE CASCADE,
            restriction TEXT NOT NULL,
            PRIMARY KEY (data_source, restriction)
        ) WITHOUT ROWID;

        CREATE TABLE id_pages (
            page INTEGER PRIMARY KEY,
            texts BLOB NOT NULL
        );

        CREATE TABLE id_sets (
            name TEXT PRIMARY KEY,
            members BLOB NOT NULL
        );

        CREATE TABLE link_pages (
            page INTEGER PRIMARY KEY,
            links BLOB NOT NULL
        );

        CREATE TABLE folders (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('trait', 'segment')),
            parent INTEGER REFERENCES folders (number),
            name TEXT NOT NULL,
            UNIQUE (kind, parent, name)
        );

        CREATE TABLE traits (
            sid INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            description TEXT NOT NULL DEFAULT '',
            data_source INTEGER NOT NULL REFERENCES data_sources (number),
            folder INTEGER REFERENCES folders (number),
            integration_code TEXT,
            rule TEXT,
            lifetime_days INTEGER NOT NULL CHECK (lifetime_days >= 0),
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
        );
        CREATE INDEX traits_by_data_source ON traits (data_source);
        CREATE INDEX traits_by_folder ON traits (folder);

        CREATE TABLE realizations (
            trait INTEGER NOT NULL REFERENCES traits (sid) ON DELETE CASCADE,
            day INTEGER NOT NULL,
            level INTEGER NOT NULL CHECK (level >= 1),
            members BLOB NOT NULL,
            UNIQUE (trait, day, level)
        );
        """

    private static let segments = """
        CREATE TABLE merge_rules (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            across TEXT NOT NULL CHECK (across IN ('none', 'current', 'last', 'all')),
            devices TEXT NOT NULL CHECK (devices IN ('none', 'device', 'graph')),
            is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
            follows_new_sources INTEGER NOT NULL CHECK (follows_new_sources IN (0, 1)),
            created INTEGER NOT NULL
        );

        CREATE TABLE merge_rule_sources (
            merge_rule INTEGER NOT NULL REFERENCES merge_rules (number) ON DELETE CASCADE,
            data_source INTEGER NOT NULL REFERENCES data_sources (number),
            PRIMARY KEY (merge_rule, data_source)
        ) WITHOUT ROWID;

        CREATE TABLE merge_rule_restrictions (
            merge_rule INTEGER NOT NULL REFERENCES merge_rules (number) ON DELETE CASCADE,
            restriction TEXT NOT NULL,
            PRIMARY KEY (merge_rule, restriction)
        ) WITHOUT ROWID;

        CREATE TABLE segments (
            sid INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            description TEXT NOT NULL DEFAULT '',
            data_source INTEGER NOT NULL REFERENCES data_sources (number),
            folder INTEGER REFERENCES folders (number),
            integration_code TEXT,
            rule TEXT NOT NULL,
            merge_rule INTEGER NOT NULL REFERENCES merge_rules (number),
            state TEXT NOT NULL CHECK (state IN ('active', 'paused')),
            members BLOB NOT NULL,
            size INTEGER NOT NULL,
            evaluated INTEGER NOT NULL,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
        );

        CREATE TABLE segment_traits (
            segment INTEGER NOT NULL REFERENCES segments (sid) ON DELETE CASCADE,
            trait INTEGER NOT NULL,
            PRIMARY KEY (segment, trait)
        ) WITHOUT ROWID;
        CREATE INDEX segment_traits_by_trait ON segment_traits (trait);

        CREATE TABLE segment_sizes (
            segment INTEGER NOT NULL REFERENCES segments (sid) ON DELETE CASCADE,
            moment INTEGER NOT NULL,
            size INTEGER NOT NULL,
            added INTEGER NOT NULL,
            removed INTEGER NOT NULL,
            PRIMARY KEY (segment, moment)
        ) WITHOUT ROWID;
        """

    private static let receipts = """
        CREATE TABLE receipts (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('onboarding', 'id-sync', 'outbound')),
            state TEXT NOT NULL,
            data_source INTEGER,
            destination INTEGER,
            account TEXT,
            started INTEGER NOT NULL,
            content TEXT NOT NULL
        );
        CREATE INDEX receipts_by_data_source ON receipts (data_source, started);
        CREATE INDEX receipts_by_destination ON receipts (destination, started);
        """

    private static let privacy = """
        CREATE TABLE activity (
            day INTEGER PRIMARY KEY,
            members BLOB NOT NULL
        );

        CREATE TABLE forgotten_ids (
            number INTEGER PRIMARY KEY,
            id_key BLOB NOT NULL,
            is_suppressed INTEGER NOT NULL CHECK (is_suppressed IN (0, 1))
        );
        CREATE INDEX forgotten_ids_by_state ON forgotten_ids (is_suppressed);

        CREATE TABLE privacy_requests (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('opt-out', 'opt-in', 'access', 'delete')),
            state TEXT NOT NULL CHECK (state IN ('completed', 'waiting', 'not found')),
            data_source INTEGER NOT NULL,
            ids INTEGER NOT NULL,
            waiting BLOB,
            requested INTEGER NOT NULL,
            ended INTEGER
        );
        CREATE INDEX privacy_requests_by_state ON privacy_requests (state);
        """

    private static let destinations = """
        CREATE TABLE destinations (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            description TEXT NOT NULL DEFAULT '',
            key_data_source INTEGER NOT NULL REFERENCES data_sources (number),
            account TEXT NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('full', 'iter')),
            schedule TEXT NOT NULL,
            template TEXT,
            alias TEXT,
            is_gzip INTEGER NOT NULL CHECK (is_gzip IN (0, 1)),
            part_byte_count INTEGER NOT NULL,
            is_paused INTEGER NOT NULL CHECK (is_paused IN (0, 1)),
            written INTEGER,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
        );

        CREATE TABLE destination_labels (
            destination INTEGER NOT NULL REFERENCES destinations (number) ON DELETE CASCADE,
            label TEXT NOT NULL,
            PRIMARY KEY (destination, label)
        ) WITHOUT ROWID;

        CREATE TABLE mappings (
            destination INTEGER NOT NULL REFERENCES destinations (number) ON DELETE CASCADE,
            segment INTEGER NOT NULL,
            alias TEXT NOT NULL,
            start_day INTEGER,
            end_day INTEGER,
            sent BLOB NOT NULL,
            sent_count INTEGER NOT NULL,
            sent_at INTEGER,
            PRIMARY KEY (destination, segment),
            UNIQUE (destination, alias)
        );

        CREATE TABLE outbound_plans (
            receipt INTEGER PRIMARY KEY,
            destination INTEGER NOT NULL,
            files TEXT NOT NULL
        );

        CREATE TABLE outbound_plan_sets (
            receipt INTEGER NOT NULL REFERENCES outbound_plans (receipt) ON DELETE CASCADE,
            segment INTEGER NOT NULL,
            members BLOB NOT NULL,
            PRIMARY KEY (receipt, segment)
        );

        CREATE TABLE published_files (
            account TEXT NOT NULL,
            path TEXT NOT NULL,
            published INTEGER NOT NULL,
            PRIMARY KEY (account, path)
        ) WITHOUT ROWID;
        CREATE INDEX published_files_by_time ON published_files (account, published);
        """
}
