// SPDX-License-Identifier: Apache-2.0

extension PeopleMigrations {
    /// The requests of provisioning that were accepted.
    static let provisioning = """
        CREATE TABLE provisionings (
            request TEXT PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('accepted', 'revoked')),
            content TEXT NOT NULL,
            changed INTEGER NOT NULL
        ) WITHOUT ROWID;
        """
}
