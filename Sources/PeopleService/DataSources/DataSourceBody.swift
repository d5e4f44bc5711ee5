// SPDX-License-Identifier: Apache-2.0

import Problems

/// A data source as the API shows it, with the names of Audience Manager's.
struct DataSourceBody: Encodable, Sendable {
    let dataSourceId: Int
    let pid: Int
    let name: String
    let description: String
    let status: String
    let integrationCode: String?
    let dataExportRestrictions: [String]
    let type: String
    let idType: String
    let subIdType: String?
    let idSpelling: String
    let inboundS2S: Bool
    let outboundS2S: Bool
    let useAudienceManagerVisitorID: Bool
    let customNamespaceId: Int
    let customerProfileDataRetention: Int?
    let createTime: Int64
    let updateTime: Int64

    init(_ stamped: Stamped<DataSource>) {
        let source = stamped.value
        dataSourceId = source.number
        pid = PeopleRoutes.company
        name = source.name
        description = source.description
        status = "ACTIVE"
        integrationCode = source.integrationCode
        dataExportRestrictions = source.restrictions.sorted().map(\.apiName)
        type = source.isGlobal ? "GLOBAL" : "GENERAL"
        idType = source.idType.apiName
        subIdType = source.idType == .crossDevice ? source.idDefinition.apiName : nil
        idSpelling = source.idSpelling.rawValue
        inboundS2S = true
        outboundS2S = true
        useAudienceManagerVisitorID = source.idSpelling == .visitorID
        customNamespaceId = source.namespace
        customerProfileDataRetention = source.retentionDays.map { $0 * 86_400 }
        createTime = stamped.created
        updateTime = stamped.changed
    }
}

/// A data source as a request describes it.
struct DataSourceInput: Decodable, Sendable {
    let dataSourceId: Int?
    let name: String
    let description: String?
    let integrationCode: String?
    let idType: String?
    let subIdType: String?
    let idSpelling: String?
    let customNamespaceId: Int?
    let dataExportRestrictions: [String]?
    let customerProfileDataRetention: Int?

    /// The data source that it describes, of a number.
    ///
    /// - Parameters:
    ///   - number: The number.
    ///   - namespace: The data source whose IDs these are, where the request names another one.
    /// - Returns: The data source.
    /// - Throws: ``Problem`` of kind `people.data-source-refused`.
    func dataSource(_ number: DataSourceNumber, sharing namespace: DataSource?) throws -> DataSource {
        guard let type = DataSource.IDType.allCases.first(where: { $0.apiName == idType }) else {
            let names = DataSource.IDType.allCases.map(\.apiName).joined(separator: ", ")
            throw Problem(.peopleDataSourceRefused, "idType is one of \(names).", field: "idType")
        }
        let spelling = idSpelling.map(IDSpelling.init(rawValue:)) ?? namespace?.idSpelling ?? .declared
        guard let spelling else {
            let names = IDSpelling.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.peopleDataSourceRefused, "idSpelling is one of \(names).", field: "idSpelling")
        }
        var source = DataSource(
            number: number,
            name: name,
            description: "",
            integrationCode: nil,
            idType: type,
            idSpelling: spelling,
            namespace: namespace?.number ?? number,
            isGlobal: false,
            restrictions: []
        )
        try apply(to: &source)
        return source
    }

    /// Changes a data source to what the request says; what it doesn't say is empty.
    func apply(to source: inout DataSource) throws {
        let refused = Problem(
            .peopleDataSourceRefused,
            "The IDs of data source \(source.number) stay what they are.",
            field: "idType"
        )
        guard idType.map({ $0 == source.idType.apiName }) ?? true else { throw refused }
        guard dataSourceId.map({ $0 == source.number }) ?? true else {
            throw Problem(
                .peopleDataSourceRefused,
                "The number of data source \(source.number) stays what it is.",
                field: "dataSourceId"
            )
        }
        source.name = name
        source.description = try APIText.description(description)
        source.integrationCode = integrationCode
        source.restrictions = Set(try (dataExportRestrictions ?? []).map(ExportRestriction.init(apiName:)))
        if let subIdType {
            let found = DataSource.IDDefinition.allCases.first { $0.apiName == subIdType }
            guard source.idType == .crossDevice, let found else {
                let names = DataSource.IDDefinition.allCases.map(\.apiName).joined(separator: " or ")
                throw Problem(
                    .peopleDataSourceRefused,
                    "subIdType is \(names), of a cross-device data source only.",
                    field: "subIdType"
                )
            }
            source.idDefinition = found
        } else {
            source.idDefinition = .person
        }
        if let seconds = customerProfileDataRetention {
            guard seconds % 86_400 == 0 else {
                throw Problem(
                    .peopleDataSourceRefused,
                    "customerProfileDataRetention is a number of seconds that makes whole days.",
                    field: "customerProfileDataRetention"
                )
            }
            source.retentionDays = seconds == 0 ? nil : seconds / 86_400
        } else {
            source.retentionDays = DataSource.defaultRetentionDays(source.idType)
        }
    }
}

extension DataSource.IDDefinition {
    /// The name in the API.
    var apiName: String { "CROSS_DEVICE_\(rawValue.uppercased())" }
}

extension DataSource.IDType {
    /// The name in the API.
    var apiName: String {
        switch self {
        case .cookie: "COOKIE"
        case .device: "DEVICE_ADVERTISING_ID"
        case .crossDevice: "CROSS_DEVICE"
        }
    }
}

extension ExportRestriction {
    /// The name in the API, like `PII`.
    var apiName: String { rawValue.uppercased().replacing("-", with: "_") }

    /// Reads a name of the API.
    init(apiName name: String) throws {
        guard let found = Self.allCases.first(where: { $0.apiName == name }) else {
            let names = Self.allCases.map(\.apiName).joined(separator: ", ")
            throw Problem(
                .peopleDataSourceRefused,
                "An export restriction is one of \(names).",
                field: "dataExportRestrictions"
            )
        }
        self = found
    }
}
