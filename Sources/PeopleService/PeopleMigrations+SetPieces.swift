// SPDX-License-Identifier: Apache-2.0

extension PeopleMigrations {
    /// Moves every set of IDs, until then one value of the row that has it, into pieces that can be changed one by one.
    ///
    /// Each set that is there becomes one piece, which is cut when it is changed first. Its rows get the numbers of sets
    /// from their own: behind those of the table before.
    static let setPieces = """
        CREATE TABLE set_pieces (
            place INTEGER PRIMARY KEY,
            members BLOB NOT NULL
        );
        INSERT INTO counters (name, value) VALUES ('set', 0);

        \(move("id_sets", "members", to: "set_number"))
        \(move("realizations", "members", to: "set_number"))
        \(move("segments", "members", to: "set_number"))
        \(move("activity", "members", to: "set_number"))

        -- A plan said what the destination has afterwards, and says now what it has else: all of that, and nothing of
        -- what it had.
        ALTER TABLE outbound_plan_sets ADD COLUMN sent BLOB NOT NULL DEFAULT x'3a30000000000000';
        UPDATE outbound_plan_sets SET sent = mappings.sent
            FROM outbound_plans, mappings
            WHERE outbound_plans.receipt = outbound_plan_sets.receipt
                AND mappings.destination = outbound_plans.destination
                AND mappings.segment = outbound_plan_sets.segment;
        \(move("outbound_plan_sets", "sent", to: "removed_set"))
        \(move("outbound_plan_sets", "members", to: "added_set"))
        \(move("mappings", "sent", to: "sent_set"))
        """

    private static func move(_ table: String, _ old: String, to new: String) -> String {
        """
        ALTER TABLE \(table) ADD COLUMN \(new) INTEGER NOT NULL DEFAULT 0;
        UPDATE \(table) SET \(new) = rowid + (SELECT value FROM counters WHERE name = 'set');
        INSERT INTO set_pieces (place, members) SELECT \(new) * 65536, \(old) FROM \(table)
            WHERE \(old) <> x'3a30000000000000';
        UPDATE counters SET value = max(value, (SELECT coalesce(max(\(new)), 0) FROM \(table)))
            WHERE name = 'set';
        ALTER TABLE \(table) DROP COLUMN \(old);
        CREATE UNIQUE INDEX \(table)_by_\(new) ON \(table) (\(new));
        CREATE TRIGGER \(table)_\(new)_deleted AFTER DELETE ON \(table) BEGIN
            DELETE FROM set_pieces WHERE place BETWEEN OLD.\(new) * 65536 AND OLD.\(new) * 65536 + 65535;
        END;

        """
    }
}
