// SPDX-License-Identifier: Apache-2.0

import Problems
import Web

/// What a request changes of a destination: fields that it leaves out stay, and null takes a text or template away.
struct DestinationChange: Decodable, Sendable {
    private let name: String?
    private let description: Said<String>
    private let dataSourceId: Int?
    private let account: String?
    private let syncMode: String?
    private let schedule: String?
    private let template: Said<DestinationBody.Template>
    private let pidAlias: Said<String>
    private let dataExportLabels: Said<[String]>
    private let gzip: Bool?
    private let splitBytes: Int?
    private let status: String?

    private enum CodingKeys: CodingKey {
        case name, description, dataSourceId, account, syncMode, schedule, template, pidAlias
        case dataExportLabels, gzip, splitBytes, status
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        description = try container.said(String.self, .description)
        dataSourceId = try container.decodeIfPresent(Int.self, forKey: .dataSourceId)
        account = try container.decodeIfPresent(String.self, forKey: .account)
        syncMode = try container.decodeIfPresent(String.self, forKey: .syncMode)
        schedule = try container.decodeIfPresent(String.self, forKey: .schedule)
        template = try container.said(DestinationBody.Template.self, .template)
        pidAlias = try container.said(String.self, .pidAlias)
        dataExportLabels = try container.said([String].self, .dataExportLabels)
        gzip = try container.decodeIfPresent(Bool.self, forKey: .gzip)
        splitBytes = try container.decodeIfPresent(Int.self, forKey: .splitBytes)
        status = try container.decodeIfPresent(String.self, forKey: .status)
    }

    /// Changes a destination to what the request says.
    ///
    /// - Throws: ``Problem`` of kind `people.destination-refused`, `people.data-source-refused` or `web.body-refused`.
    func apply(to destination: inout Destination) throws {
        destination.name = name ?? destination.name
        destination.description =
            try description.applied(to: destination.description, APIText.description) ?? ""
        destination.keyDataSource = dataSourceId ?? destination.keyDataSource
        destination.account = account ?? destination.account
        destination.mode = try syncMode.map(Destination.Mode.init(apiName:)) ?? destination.mode
        destination.schedule = try schedule.map(Destination.Schedule.init(apiName:)) ?? destination.schedule
        destination.template = template.applied(to: destination.template, Destination.Template.init)
        destination.alias = pidAlias.applied(to: destination.alias)
        let labels = try dataExportLabels.applied(to: destination.labels) { names in
            Set(try names.map(ExportRestriction.init(apiName:)))
        }
        destination.labels = labels ?? []
        destination.isGzip = gzip ?? destination.isGzip
        destination.partByteCount = splitBytes ?? destination.partByteCount
        destination.isPaused = try status.map(Destination.isPaused) ?? destination.isPaused
    }
}
