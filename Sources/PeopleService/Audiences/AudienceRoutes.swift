// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Web

/// `/v1/audiences`: segments as Campaign picks them, and as it makes them to share into.
struct AudienceRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
        group.get(":id") { _, visit in try await show(visit) }
        group.post { request, visit in try await create(request, visit) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<AudienceBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let dataSource = try query.number("dataSourceId", in: 0...Int(Int32.max))
        let service = service
        let entries = try await service.looking {
            try AudienceCatalog(service).list(page, dataSource: dataSource, in: $0)
        }
        return Answer(entries.map(AudienceBody.init))
    }

    private func show(_ visit: Visit) async throws -> Answer<AudienceBody> {
        Answer(try await body(visit.number("id")))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<AudienceBody> {
        let input = try await request.json(as: AudienceInput.self, visit)
        let description = try APIText.description(input.description)
        let service = service
        let made = try await BlockingWork.change {
            try AudienceCatalog(service)
                .create(name: input.name, description: description, dataSource: input.dataSourceId)
        }
        return Answer(created: try await body(made.segment), at: "/v1/audiences/\(made.segment)")
    }

    private func body(_ sid: SID) async throws -> AudienceBody {
        AudienceBody(try await service.looking { try AudienceCatalog(service).find(sid, in: $0) })
    }
}

/// A segment as Campaign's picker shows it.
struct AudienceBody: Encodable, Sendable {
    /// The segment's number, as outbound files write it.
    let id: Int
    let name: String
    let description: String
    /// The name of the data source that owns it.
    let source: String
    let dataSourceId: Int
    let integrationCode: String?
    /// The onboarded trait that inbound files name to share into it; `nil` where the segment is made by another rule.
    let traitId: Int?
    /// The destinations that it is mapped to; without one it leaves by no file.
    let destinationIds: [Int]
    /// What their files call it: its number unless its mappings say otherwise.
    let aliases: [String]
    let size: Int
    let active: Bool
    /// When its members or its settings last changed, in milliseconds since 1970.
    let modified: Int64

    init(_ entry: AudienceCatalog.Entry) {
        let segment = entry.segment.value
        id = segment.sid
        name = segment.name
        description = segment.description
        source = entry.dataSourceName
        dataSourceId = segment.dataSource
        integrationCode = segment.integrationCode
        traitId = entry.trait
        destinationIds = entry.destinations
        aliases = entry.aliases
        size = segment.size
        active = segment.state == .active
        modified = max(segment.evaluated, entry.segment.changed)
    }
}

/// An audience to share into, as a request describes it.
private struct AudienceInput: Decodable, Sendable {
    let name: String
    let description: String?
    let dataSourceId: Int
}
