// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Storage

/// The schema of `campaign.db`, as numbered steps that are never edited once released.
enum CampaignMigrations {
    /// All steps, oldest first.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001_profiles") { database in
            try database.execute(sql: profiles)
        }
        migrator.registerMigration("0002_external_accounts") { database in
            try ExternalAccountSchema.create(in: database)
            try LedgerSchema.create(in: database)
        }
        migrator.registerMigration("0003_sharing") { database in
            try database.execute(sql: sharing)
        }
        migrator.registerMigration("0004_receipts") { database in
            try database.execute(sql: receipts)
        }
        migrator.registerMigration("0005_accounts_on_servers") { database in
            try ExternalAccountSchema.addServers(in: database)
        }
        migrator.registerMigration("0006_transfers") { database in
            try database.execute(sql: transfers)
        }
        migrator.registerMigration("0010_provisioning") { database in
            try database.execute(sql: provisioning)
        }
        return migrator
    }

    private static let provisioning = """
        CREATE TABLE provisionings (
            request TEXT PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('open', 'completed', 'withdrawn')),
            content TEXT NOT NULL,
            sealed_key BLOB,
            changed INTEGER NOT NULL,
            CHECK ((state = 'withdrawn') = (sealed_key IS NULL))
        ) WITHOUT ROWID;
        """

    private static let transfers = """
        ALTER TABLE receipts ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE receipts ADD COLUMN usable_after REAL;
        CREATE TABLE published_files (
            account TEXT NOT NULL,
            path TEXT NOT NULL,
            published INTEGER NOT NULL,
            PRIMARY KEY (account, path)
        ) WITHOUT ROWID;
        CREATE INDEX published_files_by_time ON published_files (account, published);
        """

    private static let profiles = """
        CREATE TABLE counters (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO counters (name, value) VALUES
            ('profile', 0), ('profiles', 0), ('change', 0), ('audience', 0), ('receipt', 0), ('segment', 1000000);

        CREATE TABLE secrets (
            name TEXT PRIMARY KEY,
            sealed BLOB NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE profile_fields (
            name TEXT PRIMARY KEY CHECK (name GLOB 'cus*' AND length(name) <= 30),
            type TEXT NOT NULL,
            choices TEXT NOT NULL DEFAULT '',
            is_unique INTEGER NOT NULL CHECK (is_unique IN (0, 1)),
            position INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE profiles (
            number INTEGER PRIMARY KEY,
            externalId TEXT,
            salutation TEXT,
            firstName TEXT,
            middleName TEXT,
            lastName TEXT,
            gender INTEGER NOT NULL DEFAULT 0,
            birthDate TEXT,
            email TEXT,
            emailFormat INTEGER NOT NULL DEFAULT 0,
            mobilePhone TEXT,
            phone TEXT,
            fax TEXT,
            address1 TEXT,
            address2 TEXT,
            zipCode TEXT,
            city TEXT,
            state TEXT,
            country TEXT,
            language TEXT,
            timeZone TEXT,
            blackList INTEGER NOT NULL DEFAULT 0,
            blackListEmail INTEGER NOT NULL DEFAULT 0,
            blackListMobile INTEGER NOT NULL DEFAULT 0,
            blackListPhone INTEGER NOT NULL DEFAULT 0,
            blackListFax INTEGER NOT NULL DEFAULT 0,
            blackListPostalMail INTEGER NOT NULL DEFAULT 0,
            blackListPushnotification INTEGER NOT NULL DEFAULT 0,
            ccpaOptOut INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL,
            lastModified INTEGER NOT NULL
        );
        CREATE INDEX profiles_opted_out_of_sharing ON profiles (number) WHERE ccpaOptOut = 1;

        CREATE TABLE visitor_links (
            profile INTEGER NOT NULL REFERENCES profiles (number) ON DELETE CASCADE,
            visitor BLOB NOT NULL CHECK (length(visitor) = 16),
            linked INTEGER NOT NULL,
            PRIMARY KEY (profile, visitor)
        ) WITHOUT ROWID;

        CREATE TABLE indexes (
            id INTEGER PRIMARY KEY,
            definition TEXT NOT NULL UNIQUE,
            file TEXT,
            revision INTEGER NOT NULL DEFAULT 0
        );
        CREATE TABLE index_changes (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            index_id INTEGER NOT NULL REFERENCES indexes (id) ON DELETE CASCADE,
            key BLOB NOT NULL CHECK (length(key) = 16),
            profile INTEGER NOT NULL,
            is_added INTEGER NOT NULL CHECK (is_added IN (0, 1))
        );
        CREATE INDEX index_changes_by_index ON index_changes (index_id, sequence);
        """

    private static let sharing = """
        CREATE TABLE shared_data_sources (
            id TEXT PRIMARY KEY,
            label TEXT NOT NULL,
            number INTEGER UNIQUE CHECK (number >= 0),
            integration_code TEXT NOT NULL UNIQUE,
            destination INTEGER CHECK (destination > 0),
            mode TEXT NOT NULL CHECK (mode IN ('visitor', 'declared')),
            key_field TEXT,
            normalization TEXT NOT NULL DEFAULT '',
            normalization_version INTEGER NOT NULL,
            hash TEXT,
            cipher TEXT,
            cipher_key BLOB,
            cipher_iv BLOB,
            channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'other')),
            priority INTEGER NOT NULL DEFAULT 0,
            comment TEXT NOT NULL DEFAULT '',
            import_account TEXT NOT NULL REFERENCES external_accounts (id),
            export_account TEXT NOT NULL REFERENCES external_accounts (id),
            terms_accepted INTEGER,
            last_file TEXT,
            last_full INTEGER,
            CHECK ((mode = 'visitor') = (key_field IS NULL)),
            CHECK (hash IS NULL OR cipher IS NULL),
            CHECK ((cipher IS NULL) = (cipher_key IS NULL) AND (cipher IS NULL) = (cipher_iv IS NULL))
        ) WITHOUT ROWID;

        CREATE TABLE audiences (
            id TEXT PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            label TEXT NOT NULL,
            type TEXT NOT NULL CHECK (type IN ('query', 'list', 'file', 'shared')),
            filter TEXT,
            data_source TEXT REFERENCES shared_data_sources (id),
            segment TEXT,
            is_reconciliation_forced INTEGER NOT NULL DEFAULT 0,
            count INTEGER NOT NULL DEFAULT 0,
            version INTEGER NOT NULL DEFAULT 0,
            members BLOB,
            list_file TEXT,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            expires TEXT,
            CHECK ((type = 'query') = (filter IS NOT NULL)),
            CHECK ((data_source IS NULL) = (segment IS NULL)),
            CHECK (type <> 'shared' OR data_source IS NOT NULL)
        ) WITHOUT ROWID;
        CREATE INDEX audiences_by_data_source ON audiences (data_source, segment);

        CREATE TABLE segments (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        );

        CREATE TABLE shares (
            id INTEGER PRIMARY KEY,
            audience TEXT NOT NULL REFERENCES audiences (id) ON DELETE CASCADE,
            segment INTEGER NOT NULL,
            data_source TEXT NOT NULL REFERENCES shared_data_sources (id),
            is_replacing INTEGER NOT NULL CHECK (is_replacing IN (0, 1)),
            is_gzip INTEGER NOT NULL CHECK (is_gzip IN (0, 1)),
            split_bytes INTEGER NOT NULL CHECK (split_bytes > 0),
            shared_version INTEGER NOT NULL DEFAULT -1,
            shared_change INTEGER NOT NULL DEFAULT -1,
            UNIQUE (audience, segment, data_source)
        );
        CREATE TABLE shared_lists (
            segment INTEGER NOT NULL,
            data_source TEXT NOT NULL REFERENCES shared_data_sources (id),
            file TEXT NOT NULL,
            count INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            PRIMARY KEY (segment, data_source)
        ) WITHOUT ROWID;
        """

    private static let receipts = """
        CREATE TABLE receipts (
            id TEXT PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            direction TEXT NOT NULL CHECK (direction IN ('import', 'export')),
            state TEXT NOT NULL CHECK (state IN
                ('waiting', 'running', 'completed', 'completed with rejects', 'failed', 'cancelled')),
            data_source TEXT NOT NULL,
            retry_of TEXT,
            same_as TEXT,
            received INTEGER NOT NULL DEFAULT 0,
            matched INTEGER NOT NULL DEFAULT 0,
            duplicate INTEGER NOT NULL DEFAULT 0,
            unknown INTEGER NOT NULL DEFAULT 0,
            malformed INTEGER NOT NULL DEFAULT 0,
            undecryptable INTEGER NOT NULL DEFAULT 0,
            ambiguous INTEGER NOT NULL DEFAULT 0,
            suppressed INTEGER NOT NULL DEFAULT 0,
            excess INTEGER NOT NULL DEFAULT 0,
            not_requested INTEGER NOT NULL DEFAULT 0,
            added INTEGER,
            removed INTEGER,
            kept INTEGER,
            rejected_file TEXT,
            started INTEGER NOT NULL,
            seconds REAL NOT NULL DEFAULT 0,
            problem_code TEXT,
            problem TEXT,
            advice TEXT,
            CHECK (state NOT IN ('completed', 'completed with rejects') OR received =
                matched + duplicate + unknown + malformed + undecryptable + ambiguous + suppressed
                + excess + not_requested)
        ) WITHOUT ROWID;
        CREATE TABLE receipt_files (
            receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            PRIMARY KEY (receipt, position)
        ) WITHOUT ROWID;
        CREATE TABLE receipt_segments (
            receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            segment TEXT NOT NULL,
            audience TEXT NOT NULL,
            before INTEGER NOT NULL,
            after INTEGER NOT NULL,
            PRIMARY KEY (receipt, position)
        ) WITHOUT ROWID;
        CREATE TABLE receipt_stages (
            receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            stage TEXT NOT NULL,
            seconds REAL NOT NULL,
            PRIMARY KEY (receipt, position)
        ) WITHOUT ROWID;
        CREATE TABLE receipt_reasons (
            receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            lines INTEGER NOT NULL,
            PRIMARY KEY (receipt, state, reason)
        ) WITHOUT ROWID;
        CREATE TABLE export_plans (
            receipt TEXT PRIMARY KEY REFERENCES receipts (id) ON DELETE CASCADE,
            share INTEGER NOT NULL,
            list_file TEXT NOT NULL,
            list_count INTEGER NOT NULL,
            shared_version INTEGER NOT NULL,
            shared_change INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE export_plan_files (
            receipt TEXT NOT NULL REFERENCES export_plans (receipt) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            spool_file TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            PRIMARY KEY (receipt, position)
        ) WITHOUT ROWID;
        """
}
