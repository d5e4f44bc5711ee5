// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Web

/// `/v1/merge-rules`.
struct MergeRuleRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { _, _ in try await list() }
        group.get(":mergeRule") { _, visit in try await show(visit) }
        group.post { request, visit in try await create(request, visit) }
        group.put(":mergeRule") { request, visit in try await change(request, visit) }
        group.delete(":mergeRule") { _, visit in try await delete(visit) }
    }

    private func list() async throws -> Answer<[MergeRuleBody]> {
        Answer(try await service.looking { try MergeRuleStore().list(in: $0) }.map(MergeRuleBody.init))
    }

    private func show(_ visit: Visit) async throws -> Answer<MergeRuleBody> {
        let number = try visit.number("mergeRule")
        return Answer(MergeRuleBody(try await service.looking { try MergeRuleStore().find(number, in: $0) }))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<MergeRuleBody> {
        let rule = try await request.json(as: MergeRuleInput.self, visit).rule()
        let service = service
        let made = try await BlockingWork.change { try MergeRules(service).create(rule) }
        return Answer(created: MergeRuleBody(made), at: "/v1/merge-rules/\(made.number)")
    }

    private func change(_ request: Request, _ visit: Visit) async throws -> Answer<MergeRuleBody> {
        let number = try visit.number("mergeRule")
        let input = try await request.json(as: MergeRuleInput.self, visit)
        let service = service
        let changed = try await BlockingWork.change { try MergeRules(service).update(number, input.apply) }
        return Answer(MergeRuleBody(changed.rule))
    }

    private func delete(_ visit: Visit) async throws -> HTTPResponse.Status {
        let number = try visit.number("mergeRule")
        let service = service
        try await BlockingWork.change { _ = try MergeRules(service).delete(number) }
        return .noContent
    }
}

/// A merge rule as the API shows it.
struct MergeRuleBody: Encodable, Sendable {
    /// The number, as segments name it.
    let mergeRuleId: Int
    let name: String
    let across: String
    let devices: String
    let dataSourceIds: [Int]
    let dataExportRestrictions: [String]
    let isDefault: Bool
    let followsNewDataSources: Bool

    init(_ rule: MergeRule) {
        mergeRuleId = rule.number
        name = rule.name
        across = rule.across.rawValue
        devices = rule.devices.rawValue
        dataSourceIds = rule.sources
        dataExportRestrictions = rule.restrictions.sorted().map(\.apiName)
        isDefault = rule.isDefault
        followsNewDataSources = rule.followsNewSources
    }
}

/// A merge rule as a request describes it.
struct MergeRuleInput: Decodable, Sendable {
    let name: String
    let across: MergeRule.Across
    let devices: MergeRule.Devices?
    let dataSourceIds: [Int]?
    let dataExportRestrictions: [String]?
    let isDefault: Bool?

    /// The rule that it describes, without a number yet.
    func rule() throws -> MergeRule {
        var rule = MergeRule(
            number: 0,
            name: name,
            across: across,
            devices: .device,
            sources: [],
            isDefault: false,
            restrictions: []
        )
        try apply(to: &rule)
        return rule
    }

    /// Changes a rule to what the request says; what it doesn't say is empty or the default.
    func apply(to rule: inout MergeRule) throws {
        rule.name = name
        rule.across = across
        rule.devices = devices ?? .device
        rule.sources = (dataSourceIds ?? []).sorted()
        rule.restrictions = Set(try (dataExportRestrictions ?? []).map(ExportRestriction.init(apiName:)))
        rule.isDefault = isDefault ?? rule.isDefault
    }
}

extension MergeRule.Across: Decodable {}
extension MergeRule.Devices: Decodable {}
