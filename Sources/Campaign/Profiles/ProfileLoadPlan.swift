// SPDX-License-Identifier: Apache-2.0

import Matching
import Problems
import Storage

/// What a load of profiles does with each column of the file and which indexes it changes.
struct ProfileLoadPlan {
    /// A column of the file that fills a profile field.
    struct Column {
        /// The column's position in the file, from 0.
        let position: Int
        /// The column's name in the file.
        let title: String
        /// The field that it fills.
        let field: ProfileField
    }

    /// An index that follows one of the columns.
    struct IndexedColumn {
        let record: ProfileIndexes.Record
        /// The position in ``columns``.
        let column: Int
        /// Whether the index keeps the column's field unique.
        let isUnique: Bool
    }

    /// The columns that are loaded.
    let columns: [Column]

    /// The names of columns that fill no field.
    let ignored: [String]

    /// The position in ``columns`` of the key.
    let keyColumn: Int

    /// The indexes to change; the first one finds profiles by the key.
    let indexes: [IndexedColumn]

    /// How many columns the file has.
    let columnCount: Int

    /// Decides what happens with each column.
    ///
    /// - Parameters:
    ///   - header: The names of the file's columns.
    ///   - key: The name of the field by which profiles are recognised.
    ///   - mapping: Column names of the file and the fields that they fill; the others fill the field of their name.
    ///   - fields: All profile fields.
    ///   - records: All indexes, the exact one of the key field among them.
    /// - Throws: ``Problem`` that names the option to correct.
    init(
        header: [String],
        key: String,
        mapping: [String: String],
        fields: [ProfileField],
        records: [ProfileIndexes.Record]
    ) throws {
        let titles = try CSVHeader(header)
        for column in mapping.keys.sorted() where !header.contains(column) {
            throw Problem(.mappingRefused, "The file has no column \(column).", field: "map")
        }
        var columns: [Column] = []
        var ignored: [String] = []
        for (position, title) in header.enumerated() {
            let name = mapping[title] ?? title
            let field =
                fields.first { $0.name == name } ?? fields.first { $0.name.lowercased() == name.lowercased() }
            guard let field else {
                guard mapping[title] == nil else {
                    throw Problem(.fieldUnknown, "There is no profile field \(name).", field: "map")
                }
                ignored.append(title)
                continue
            }
            guard !field.isReadOnly else {
                guard mapping[title] == nil else {
                    throw Problem(
                        .mappingRefused,
                        "The field \(field.name) is kept by the program and can't be loaded.",
                        advice: "Leave the column out; a column of that name is passed over.",
                        field: "map"
                    )
                }
                ignored.append(title)
                continue
            }
            if let other = columns.first(where: { $0.field == field }) {
                throw Problem(
                    .mappingRefused,
                    "The columns \(other.title) and \(title) both fill \(field.name).",
                    field: "map"
                )
            }
            columns.append(Column(position: position, title: title, field: field))
        }
        guard let keyColumn = columns.firstIndex(where: { $0.field.name == key }) else {
            throw Problem(
                .mappingRefused,
                "No column of the file fills the key field \(key).",
                advice: titles.advice(for: key) { title in columns.contains { $0.title == title } },
                field: "key"
            )
        }
        self.columns = columns
        self.ignored = ignored
        self.keyColumn = keyColumn
        columnCount = header.count
        indexes = try Self.indexes(columns, key: key, records: records)
    }

    private static func indexes(
        _ columns: [Column],
        key: String,
        records: [ProfileIndexes.Record]
    ) throws -> [IndexedColumn] {
        var indexes = records.compactMap { record -> IndexedColumn? in
            guard let name = record.definition.field,
                let column = columns.firstIndex(where: { $0.field.name == name })
            else { return nil }
            let isExact = record.definition == .exact(name)
            return IndexedColumn(
                record: record,
                column: column,
                isUnique: isExact && columns[column].field.isUnique
            )
        }
        guard let first = indexes.firstIndex(where: { $0.record.definition == .exact(key) }) else {
            throw Problem(.databaseDamaged, "The index of the key field \(key) is not known.")
        }
        indexes.insert(indexes.remove(at: first), at: 0)
        return indexes
    }
}

extension ProblemKind {
    package static let mappingRefused = ProblemKind(
        "profiles.mapping-refused",
        status: 422,
        meaning: "The columns of the file can't be loaded into the fields like this.",
        advice: "Name columns and fields with --map COLUMN=FIELD; each field takes one column."
    )
    package static let fileUnreadable = ProblemKind(
        "files.unreadable",
        status: 422,
        meaning: "A file that a command was given can't be read.",
        advice:
            "Check the path and its permissions; profiles are read from CSV in UTF-8 with a header row, previews from audience files."
    )
    package static let keyUnsuitable = ProblemKind(
        "profiles.key-unsuitable",
        status: 422,
        meaning: "The field can't be a key.",
        advice: "Use a text or integer field whose values tell people apart, like externalId or email."
    )
}
