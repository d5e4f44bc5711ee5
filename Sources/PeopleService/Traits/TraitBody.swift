// SPDX-License-Identifier: Apache-2.0

import Problems
import Web

/// A trait as the API shows it, with the names of Audience Manager's.
struct TraitBody: Encodable, Sendable {
    let sid: Int
    let pid: Int
    let traitType: String
    let name: String
    let description: String
    let dataSourceId: Int
    let folderId: Int
    let integrationCode: String?
    let traitRule: String?
    /// The folder that a folder trait sums up.
    let ofFolderId: Int?
    let ttl: Int
    let status: String
    let createTime: Int64
    let updateTime: Int64

    init(_ stamped: Stamped<Trait>) {
        let trait = stamped.value
        sid = trait.sid
        pid = PeopleRoutes.company
        traitType = trait.kind.apiName
        name = trait.name
        description = trait.description
        dataSourceId = trait.dataSource
        folderId = trait.folder ?? 0
        integrationCode = trait.integrationCode
        traitRule = trait.rule
        ofFolderId = trait.summedFolder
        ttl = trait.lifetimeDays
        status = "ACTIVE"
        createTime = stamped.created
        updateTime = stamped.changed
    }
}

/// A trait as a request describes it.
struct TraitInput: Decodable, Sendable {
    let traitType: String?
    let name: String
    let description: String?
    let dataSourceId: Int
    let folderId: Int?
    let integrationCode: String?
    let traitRule: String?
    let ofFolderId: Int?
    let ttl: Int?

    /// The trait that it describes, of a number.
    func trait(_ sid: SID) throws -> Trait {
        var trait = Trait(
            sid: sid,
            name: name,
            description: "",
            dataSource: dataSourceId,
            rule: traitRule,
            summedFolder: ofFolderId,
            lifetimeDays: Trait.defaultLifetimeDays
        )
        try apply(to: &trait)
        return trait
    }

    /// Changes a trait to what the request says; what it doesn't say is empty or the default.
    func apply(to trait: inout Trait) throws {
        guard dataSourceId == trait.dataSource else {
            throw Problem(
                .traitRefused,
                "Trait \(trait.sid) stays with its data source \(trait.dataSource).",
                field: "dataSourceId"
            )
        }
        trait.name = name
        trait.description = try APIText.description(description)
        trait.folder = folderId == 0 ? nil : folderId
        trait.integrationCode = integrationCode
        trait.rule = traitRule
        trait.summedFolder = ofFolderId
        trait.lifetimeDays = ttl ?? (ofFolderId == nil ? Trait.defaultLifetimeDays : 0)
        guard let traitType, traitType != trait.kind.apiName else { return }
        throw Problem(
            .traitRefused,
            "What is described is of the type \(trait.kind.apiName): traitRule makes \(Trait.Kind.rule.apiName), "
                + "ofFolderId \(Trait.Kind.folder.apiName), neither \(Trait.Kind.onboarded.apiName).",
            field: "traitType"
        )
    }
}

extension Trait.Kind {
    /// The name in the API.
    fileprivate var apiName: String {
        switch self {
        case .onboarded: "ON_BOARDED_TRAIT"
        case .rule: "RULE_BASED_TRAIT"
        case .folder: "FOLDER_TRAIT"
        }
    }
}
