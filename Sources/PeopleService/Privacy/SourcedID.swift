// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems

/// An ID together with its data source, as privacy requests name it.
struct SourcedID {
    /// The data source.
    let source: DataSource
    /// The ID.
    let text: String

    /// Reads `NUMBER:ID` or `CODE:ID`.
    ///
    /// - Parameters:
    ///   - text: What a person wrote; the first colon ends the data source.
    ///   - database: The database.
    /// - Throws: ``Problem`` of kind `people.id-refused` or `people.data-source-unknown`; none repeats the text.
    init(_ text: String, in database: Database) throws {
        guard let colon = text.firstIndex(of: ":") else {
            throw Problem(
                .idRefused,
                "An ID is written as NUMBER:ID or CODE:ID; there is no colon.",
                field: "id"
            )
        }
        let source = try DataSourceStore().find(named: String(text[..<colon]), in: database)
        try self.init(source, String(text[text.index(after: colon)...]))
    }

    /// Checks the form of an ID.
    ///
    /// - Throws: ``Problem`` of kind `people.id-refused`.
    init(_ source: DataSource, _ id: String) throws {
        var bytes = id
        let isAccepted = bytes.withUTF8 { source.idSpelling.accepts(UnsafeRawBufferPointer($0)) }
        guard isAccepted, id.isOneLine else {
            throw Problem(
                .idRefused,
                "The ID is not one of data source \(source.number), whose IDs are \(source.idSpelling.example).",
                field: "id"
            )
        }
        self.source = source
        text = id
    }
}

extension SourcedID: CustomStringConvertible {
    /// The data source, never the ID.
    var description: String { "an ID of data source \(source.number)" }
}

extension ProblemKind {
    package static let idRefused = ProblemKind(
        "people.id-refused",
        status: 400,
        meaning: "What a request names is not an ID of its data source.",
        advice: "Write the data source, a colon and the ID, like 200:CRM-000123 or crm:CRM-000123."
    )
}
