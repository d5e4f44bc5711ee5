// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Web

/// `/v1/traits`.
struct TraitRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
        group.get(":sid") { _, visit in try await show(visit) }
        group.post { request, visit in try await create(request, visit) }
        group.put(":sid") { request, visit in try await change(request, visit) }
        group.delete(":sid") { _, visit in try await delete(visit) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<TraitBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let filter = try TraitStore.Filter(query)
        let traits = try await service.looking { try TraitStore().list(page, filter, in: $0) }
        return Answer(traits.map(TraitBody.init))
    }

    private func show(_ visit: Visit) async throws -> Answer<TraitBody> {
        Answer(try await body(visit.number("sid")))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<TraitBody> {
        let input = try await request.json(as: TraitInput.self, visit)
        let service = service
        let trait = try await BlockingWork.change { try Traits(service).create(input.trait) }
        return Answer(created: try await body(trait.sid), at: "/v1/traits/\(trait.sid)")
    }

    private func change(_ request: Request, _ visit: Visit) async throws -> Answer<TraitBody> {
        let sid = try visit.number("sid")
        let input = try await request.json(as: TraitInput.self, visit)
        let service = service
        _ = try await BlockingWork.change { try Traits(service).update(sid, input.apply) }
        return Answer(try await body(sid))
    }

    private func delete(_ visit: Visit) async throws -> HTTPResponse.Status {
        let sid = try visit.number("sid")
        let service = service
        try await BlockingWork.change { _ = try Traits(service).delete(sid) }
        return .noContent
    }

    private func body(_ sid: SID) async throws -> TraitBody {
        TraitBody(try await service.looking { try TraitStore().stamped(sid, in: $0) })
    }
}
