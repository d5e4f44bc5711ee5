// SPDX-License-Identifier: Apache-2.0

import GRDB
import HTTPTypes
import Hummingbird
import Web

/// `/v1/datasources`.
struct DataSourceRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
        group.get(":dataSourceId") { _, visit in try await show(visit) }
        group.post { request, visit in try await create(request, visit) }
        group.put(":dataSourceId") { request, visit in try await change(request, visit) }
        group.delete(":dataSourceId") { _, visit in try await delete(visit) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<DataSourceBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let code = query["integrationCode"]
        let sources = try await service.looking {
            try DataSourceStore().list(page, integrationCode: code, in: $0)
        }
        return Answer(sources.map(DataSourceBody.init))
    }

    private func show(_ visit: Visit) async throws -> Answer<DataSourceBody> {
        Answer(try await body(visit.number("dataSourceId")))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<DataSourceBody> {
        let input = try await request.json(as: DataSourceInput.self, visit)
        let service = service
        let source = try await BlockingWork.change {
            try DataSources(service).create(number: input.dataSourceId) { number, database in
                let namespace = try input.customNamespaceId.flatMap { other in
                    other == number ? nil : try DataSourceStore().find(other, in: database)
                }
                return try input.dataSource(number, sharing: namespace)
            }
            .dataSource
        }
        return Answer(created: try await body(source.number), at: "/v1/datasources/\(source.number)")
    }

    private func change(_ request: Request, _ visit: Visit) async throws -> Answer<DataSourceBody> {
        let number = try visit.number("dataSourceId")
        let input = try await request.json(as: DataSourceInput.self, visit)
        let service = service
        _ = try await BlockingWork.change { try DataSources(service).update(number, input.apply) }
        return Answer(try await body(number))
    }

    private func delete(_ visit: Visit) async throws -> HTTPResponse.Status {
        let number = try visit.number("dataSourceId")
        let service = service
        try await BlockingWork.change { _ = try DataSources(service).delete(number) }
        return .noContent
    }

    private func body(_ number: DataSourceNumber) async throws -> DataSourceBody {
        DataSourceBody(try await service.looking { try DataSourceStore().stamped(number, in: $0) })
    }
}
