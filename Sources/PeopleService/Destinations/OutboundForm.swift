// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import GRDB
import Problems

/// How the files of a destination are named and written.
struct OutboundForm {
    let template: OutboundTemplate
    private let destination: Destination
    private let key: OutboundValues.Key
    private let syncType: SyncType
    /// The data sources of which everybody has the ID of the key alone: those of the same declared IDs.
    private let aloneIn: Set<DataSourceNumber>

    /// Reads the template of a destination.
    ///
    /// - Throws: ``Problem`` of kind `people.template-refused` with the place of the fault, or
    ///   `people.destination-refused` where the word for file names can't be used.
    init(_ destination: Destination, in database: Database) throws {
        self.destination = destination
        let source = try DataSourceStore().find(destination.keyDataSource, in: database)
        key = source.idSpelling == .visitorID ? .visitorID : .declaredID
        aloneIn =
            source.idType.isOfDevices
            ? []
            : Set(
                try DataSourceStore().list(limit: 100_000, in: database)
                    .filter { $0.namespace == source.namespace }.map(\.number)
            )
        let account = try ExternalAccountStore().find(destination.account, in: database)
        syncType = account.typeName == "s3" ? .s3 : .ftp
        do {
            template =
                if let texts = destination.template {
                    try OutboundTemplate(
                        fileName: texts.fileName,
                        header: texts.header,
                        content: texts.content
                    )
                } else {
                    .standard(key: key, hasAlias: destination.alias != nil)
                }
            for mode in Destination.Mode.allCases {
                _ = try template.fileNames(values(mode, at: Self.sampleMoment), isGzip: true)
            }
        } catch {
            throw error.problem(in: destination)
        }
        for number in template.dataSources.sorted() {
            let found = try DataSourceStore().list(limit: 1, after: number - 1, in: database).first
            guard found?.number != number else { continue }
            throw Problem(
                .outboundTemplateRefused,
                "The content lists IDs of data source \(number), which is not there.",
                field: "template"
            )
        }
    }

    /// Refuses lines that don't name the ID that they are about: links change, and what one file brings by another ID no
    /// later file could take back.
    ///
    /// - Throws: ``Problem`` of kind `people.template-refused`.
    func confirmNamesIDs() throws {
        if let namingProblem { throw namingProblem }
    }

    /// What is wrong with lines that don't name the ID that they are about, if that is so.
    var namingProblem: Problem? {
        do {
            try template.confirmNamesIDs(of: key, aloneIn: aloneIn)
            return nil
        } catch {
            return error.problem(in: destination)
        }
    }

    /// Whether a destination of an older version names people by other IDs than those of its key.
    static func isMisnaming(_ destination: Destination, in database: Database) throws -> Bool {
        guard destination.template != nil else { return false }
        let form: OutboundForm
        do {
            form = try OutboundForm(destination, in: database)
        } catch is Problem {
            // What can't be understood was never written.
            return false
        }
        do {
            try form.template.confirmNamesIDs(of: form.key, aloneIn: form.aloneIn)
            return false
        } catch {
            return error.problem == .unnamedLine
        }
    }

    /// Refuses file names that a second export would need again.
    ///
    /// - Throws: ``Problem`` of kind `people.template-refused`.
    func confirmNamesChange() throws {
        let day: Int64 = 86_400_000
        var steps = [day, 31 * day, 365 * day]
        if case .daily = destination.schedule {} else { steps += [1_000, 60_000, 3_600_000] }
        do {
            let first = try template.fileNames(values(.full, at: Self.sampleMoment), isGzip: true).set
            for step in steps {
                let other = values(.full, at: Self.sampleMoment + step)
                guard try template.fileNames(other, isGzip: true).set == first else { continue }
                throw Problem(
                    .outboundTemplateRefused,
                    "The template's file name does not change from one export to the next, and no file is ever overwritten.",
                    advice: """
                        Put <TIMESTAMP> into the file name, or <TIMESTAMP; format="YYYYMMDDhhmmss">; a destination with a \
                        time of the day may do with format="YYYYMMDD".
                        """,
                    field: "template"
                )
            }
        } catch let error as TemplateError {
            throw error.problem(in: destination)
        }
    }

    /// A moment to try names with, in milliseconds since 1970: 2027-01-15 08:00 UTC.
    private static let sampleMoment: Int64 = 1_800_000_000_000

    /// What is the same in all files of a run.
    ///
    /// - Parameters:
    ///   - mode: What the files say.
    ///   - timestamp: The moment in their names, in milliseconds since 1970.
    /// - Returns: What the template is filled with.
    func values(_ mode: Destination.Mode, at timestamp: Int64) -> OutboundValues {
        OutboundValues(
            syncType: syncType,
            mode: mode == .full ? .full : .iter,
            destination: destination.number,
            keyDataSource: destination.keyDataSource,
            key: key,
            partner: PeopleRoutes.company,
            alias: destination.alias,
            timestamp: timestamp
        )
    }
}
