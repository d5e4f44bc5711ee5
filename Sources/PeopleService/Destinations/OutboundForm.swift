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

    /// Reads the template of a destination.
    ///
    /// - Throws: ``Problem`` of kind `people.template-refused` with the place of the fault.
    init(_ destination: Destination, in database: Database) throws {
        self.destination = destination
        let source = try DataSourceStore().find(destination.keyDataSource, in: database)
        key = source.idSpelling == .visitorID ? .visitorID : .declaredID
        let account = try ExternalAccountStore().find(destination.account, in: database)
        syncType = account.typeName == "s3" ? .s3 : .ftp
        guard let texts = destination.template else {
            template = .standard(key: key, hasAlias: destination.alias != nil)
            return
        }
        do {
            template = try OutboundTemplate(
                fileName: texts.fileName,
                header: texts.header,
                content: texts.content
            )
            _ = try template.fileNames(values(.full, at: 0), isGzip: true)
        } catch {
            throw Problem(
                .outboundTemplateRefused,
                "The template can't be used: \(error).",
                field: "template"
            )
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
