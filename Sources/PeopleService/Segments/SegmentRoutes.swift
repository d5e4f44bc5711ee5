// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Storage
import Web

/// `/v1/segments`.
struct SegmentRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
        group.get(":sid") { _, visit in try await show(visit) }
        group.post { request, visit in try await create(request, visit) }
        group.put(":sid") { request, visit in try await change(request, visit) }
        group.delete(":sid") { _, visit in try await delete(visit) }
        group.post("estimate") { request, visit in try await estimate(request, visit) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<SegmentBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let filter = try SegmentStore.Filter(query)
        return Answer(
            try await service.looking { database in
                try SegmentStore().list(page, filter, in: database).map { try SegmentBody($0, in: database) }
            }
        )
    }

    private func show(_ visit: Visit) async throws -> Answer<SegmentBody> {
        Answer(try await body(visit.number("sid")))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<SegmentBody> {
        let input = try await request.json(as: SegmentInput.self, visit)
        let description = try APIText.description(input.description)
        let state = try input.state()
        let service = service
        let segment = try await BlockingWork.change {
            let segment = try Segments(service).create(
                name: input.name,
                description: description,
                dataSource: input.dataSourceId,
                rule: input.segmentRule,
                mergeRule: input.mergeRuleDataSourceId,
                integrationCode: input.integrationCode,
                folder: input.folder
            )
            return state == .active ? segment : try Segments(service).setState(state, of: segment.sid)
        }
        return Answer(created: try await body(segment.sid), at: "/v1/segments/\(segment.sid)")
    }

    private func change(_ request: Request, _ visit: Visit) async throws -> Answer<SegmentBody> {
        let sid = try visit.number("sid")
        let input = try await request.json(as: SegmentInput.self, visit)
        let service = service
        _ = try await BlockingWork.change { try Segments(service).update(sid, input.apply) }
        return Answer(try await body(sid))
    }

    private func delete(_ visit: Visit) async throws -> HTTPResponse.Status {
        let sid = try visit.number("sid")
        let service = service
        try await BlockingWork.change { _ = try Segments(service).delete(sid) }
        return .noContent
    }

    private func estimate(_ request: Request, _ visit: Visit) async throws -> Answer<EstimateBody> {
        let input = try await request.json(as: EstimateInput.self, visit)
        let service = service
        return Answer(
            try await BlockingWork.read {
                let members = try Segments(service)
                    .estimate(rule: input.segmentRule, mergeRule: input.mergeRuleDataSourceId)
                return try service.read { try EstimateBody(members, in: $0) }
            }
        )
    }

    private func body(_ sid: SID) async throws -> SegmentBody {
        try await service.looking { try SegmentBody(SegmentStore().stamped(sid, in: $0), in: $0) }
    }
}
