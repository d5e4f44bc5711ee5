// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage
import Terminal

/// A data source as commands show it.
struct DataSourceReport: Report {
    let number: Int
    let name: String
    let description: String
    let integrationCode: String?
    let idType: String
    /// What an ID of a cross-device data source stands for.
    let idDefinition: String?
    let idForm: String
    let idsOf: Int?
    let exportRestrictions: [String]
    let retentionDays: Int?
    let global: Bool
    let ids: Int
    /// The merge rules that count its IDs from now on.
    let followedBy: [String]?
    /// The merge rules that leave it out although they take new data sources, because of its restrictions.
    let sparedBy: [String]?

    init(_ source: DataSource, count: Int, followedBy following: MergeRuleStore.Following? = nil) {
        number = source.number
        name = source.name
        description = source.description
        integrationCode = source.integrationCode
        idType = source.idType.rawValue
        idDefinition = source.idType == .crossDevice ? source.idDefinition.rawValue : nil
        idForm = source.idSpelling.rawValue
        idsOf = source.namespace == source.number ? nil : source.namespace
        exportRestrictions = source.restrictions.sorted().map(\.rawValue)
        retentionDays = source.retentionDays
        global = source.isGlobal
        ids = count
        followedBy = following?.taking
        sparedBy = following?.sparing
    }

    var text: String {
        var lines = ["\(number): \(name), \(idType), \(ids.grouped) IDs"]
        if let integrationCode { lines.append("  code        \(integrationCode)") }
        lines.append("  IDs         \(IDSpelling(rawValue: idForm)?.example ?? idForm)")
        if idDefinition == DataSource.IDDefinition.household.rawValue {
            lines.append("  an ID stands for a household")
        }
        if let idsOf { lines.append("  names IDs of data source \(idsOf)") }
        for restriction in exportRestrictions { lines.append("  restriction \(restriction)") }
        if let retentionDays { lines.append("  inactive IDs are forgotten after \(retentionDays) days") }
        for rule in followedBy ?? [] { lines.append("  merge rule “\(rule)” counts its IDs from now on") }
        for rule in sparedBy ?? [] {
            lines.append(
                "  merge rule “\(rule)” does not take it by itself: its restrictions would hold back what is sent"
            )
        }
        return lines.joined(separator: "\n")
    }

    /// Reads a data source.
    static func load(_ number: DataSourceNumber, _ service: PeopleService) throws -> DataSourceReport {
        try service.read { database in
            let source = try DataSourceStore().find(number, in: database)
            let ids = try IDStore().members(of: .dataSource(source.namespace), in: database)
            return DataSourceReport(source, count: ids.count)
        }
    }
}
