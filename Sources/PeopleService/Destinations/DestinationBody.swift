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
        let mode = try Destination.Mode(apiName: syncMode ?? Destination.Mode.iter.rawValue)
        let schedule = try Destination.Schedule(apiName: schedule ?? "on-change")
        guard pidAlias.map(\.isName) ?? true else {
            throw Problem(
                .destinationRefused,
                "pidAlias has 1 to 255 characters on one line, not only blanks.",
                field: "pidAlias"
            )
        }
        let description = try APIText.description(description)
        let labels = Set(try (dataExportLabels ?? []).map(ExportRestriction.init(apiName:)))
        let isPaused = try status.map(Destination.isPaused) ?? false
        return { number in
            Destination(
                number: number,
                name: name,
                description: description,
                keyDataSource: dataSourceId,
                account: account,
                mode: mode,
                schedule: schedule,
                template: template.map(Destination.Template.init),
                alias: pidAlias,
                labels: labels,
                isGzip: gzip ?? true,
                partByteCount: splitBytes ?? Destination.defaultPartByteCount,
                isPaused: isPaused
            )
        }
    }
}

extension Destination.Template {
    init(_ body: DestinationBody.Template) {
        self.init(fileName: body.fileName, header: body.header, content: body.content)
    }
}

extension Destination.Mode {
    /// Reads a name of the API.
    init(apiName name: String) throws {
        guard let mode = Self(rawValue: name) else {
            throw Problem(.destinationRefused, "syncMode is full or iter.", field: "syncMode")
        }
        self = mode
    }
}

extension Destination.Schedule {
    /// Reads a schedule as the API writes it.
    init(apiName text: String) throws {
        guard let schedule = Self(text: text) else {
            throw Problem(
                .destinationRefused,
                "schedule is on-change, on-demand or a time in UTC like 14:00.",
                field: "schedule"
            )
        }
        self = schedule
    }
}

extension Destination {
    /// Whether it pauses, by the name that the API gives its status.
    static func isPaused(status: String) throws -> Bool {
        switch status {
        case "ACTIVE": false
        case "INACTIVE": true
        default: throw Problem(.destinationRefused, "status is ACTIVE or INACTIVE.", field: "status")
        }
    }
}
