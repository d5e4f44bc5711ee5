// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Web

/// A destination as the API shows it, with the names of Audience Manager's.
struct DestinationBody: Encodable, Sendable {
    struct Template: Codable, Sendable {
        let fileName: String
        let header: String?
        let content: String
    }

    let destinationId: Int
    let destinationType: String
    let pid: Int
    let dataSourceId: Int
    let name: String
    let description: String
    let status: String
    let account: String
    let syncMode: String
    let schedule: String
    let template: Template?
    let pidAlias: String?
    let dataExportLabels: [String]
    let gzip: Bool
    let splitBytes: Int
    let createTime: Int64
    let updateTime: Int64
    let mappings: [MappingBody]?

    init(_ stamped: Stamped<Destination>, mappings: [MappingBody]?) {
        let destination = stamped.value
        destinationId = destination.number
        destinationType = "S2S"
        pid = PeopleRoutes.company
        dataSourceId = destination.keyDataSource
        name = destination.name
        description = destination.description
        status = destination.isPaused ? "INACTIVE" : "ACTIVE"
        account = destination.account
        syncMode = destination.mode.rawValue
        schedule = destination.schedule.text
        template = destination.template.map {
            Template(fileName: $0.fileName, header: $0.header, content: $0.content)
        }
        pidAlias = destination.alias
        dataExportLabels = destination.labels.sorted().map(\.apiName)
        gzip = destination.isGzip
        splitBytes = destination.partByteCount
        createTime = stamped.created
        updateTime = stamped.changed
        self.mappings = mappings
    }
}

/// A destination as a request describes it.
struct DestinationInput: Decodable, Sendable {
    let name: String
    let description: String?
    let dataSourceId: Int
    let account: String
    let syncMode: String?
    let schedule: String?
    let template: DestinationBody.Template?
    let pidAlias: String?
    let dataExportLabels: [String]?
    let gzip: Bool?
    let splitBytes: Int?
    let status: String?

    /// The settings that can't be checked later, read already; a destination of a number is made by them.
    func settings() throws -> @Sendable (Int) -> Destination {
        guard let mode = Destination.Mode(rawValue: syncMode ?? Destination.Mode.iter.rawValue) else {
            throw refused("syncMode is full or iter.", "syncMode")
        }
        guard let schedule = Destination.Schedule(text: schedule ?? "on-change") else {
            throw refused("schedule is on-change, on-demand or a time in UTC like 14:00.", "schedule")
        }
        guard pidAlias.map(\.isName) ?? true else {
            throw refused("pidAlias has 1 to 255 characters on one line.", "pidAlias")
        }
        let description = try APIText.description(description)
        let labels = Set(try (dataExportLabels ?? []).map(ExportRestriction.init(apiName:)))
        let isPaused = try self.isPaused()
        return { number in
            Destination(
                number: number,
                name: name,
                description: description,
                keyDataSource: dataSourceId,
                account: account,
                mode: mode,
                schedule: schedule,
                template: template.map {
                    Destination.Template(fileName: $0.fileName, header: $0.header, content: $0.content)
                },
                alias: pidAlias,
                labels: labels,
                isGzip: gzip ?? true,
                partByteCount: splitBytes ?? 1_000_000_000,
                isPaused: isPaused
            )
        }
    }

    private func isPaused() throws -> Bool { try DestinationStatus(status: status).isPaused }

    private func refused(_ summary: String, _ field: String) -> Problem {
        Problem(.destinationRefused, summary, field: field)
    }
}

/// Whether a destination sends, as a request says it.
struct DestinationStatus: Decodable, Sendable {
    let status: String?

    /// Whether it pauses; it doesn't unless the request says so.
    var isPaused: Bool {
        get throws {
            switch status {
            case nil, "ACTIVE": false
            case "INACTIVE": true
            default: throw Problem(.destinationRefused, "status is ACTIVE or INACTIVE.", field: "status")
            }
        }
    }
}
