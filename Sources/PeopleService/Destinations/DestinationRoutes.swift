// SPDX-License-Identifier: Apache-2.0

import GRDB
import HTTPTypes
import Hummingbird
import Storage
import Web

/// `/v1/destinations`.
struct DestinationRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
        group.get(":destinationId") { request, visit in try await show(request, visit) }
        group.post { request, visit in try await create(request, visit) }
        group.put(":destinationId") { request, visit in try await change(request, visit) }
        group.post(":destinationId/tell") { _, visit in try await tell(visit) }
        group.delete(":destinationId") { request, visit in try await delete(request, visit) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<DestinationBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let segment = try query.number("containsSegment", in: 0...Int(Int32.max))
        let isWhole = try query.flag("includeMappings")
        return Answer(
            try await service.looking { database in
                try DestinationStore().list(page, containing: segment, in: database).map {
                    try Self.body($0, isWhole: isWhole, in: database)
                }
            }
        )
    }

    private func show(_ request: Request, _ visit: Visit) async throws -> Answer<DestinationBody> {
        let isWhole = try Query(request).flag("includeMappings")
        return Answer(try await body(visit.number("destinationId"), isWhole: isWhole))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<DestinationBody> {
        let make = try await request.json(as: DestinationInput.self, visit).settings()
        let service = service
        let made = try await BlockingWork.change {
            let lock = try service.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            return try Destinations(service).create(make)
        }
        return Answer(created: try await body(made.number), at: "/v1/destinations/\(made.number)")
    }

    private func change(_ request: Request, _ visit: Visit) async throws -> Answer<DestinationBody> {
        let number = try visit.number("destinationId")
        let input = try await request.json(as: DestinationChange.self, visit)
        let service = service
        _ = try await BlockingWork.change { try Destinations(service).update(number, input.apply) }
        return Answer(try await body(number))
    }

    /// Asks the exchange of this server for a full file, which it writes within a second.
    private func tell(_ visit: Visit) async throws -> Answer<AskedBody> {
        let number = try visit.number("destinationId")
        let service = service
        let time = try await BlockingWork.change { try Destinations(service).ask(number) }
        return Answer(accepted: AskedBody(destinationId: number, askedTime: time))
    }

    private func delete(_ request: Request, _ visit: Visit) async throws -> HTTPResponse.Status {
        let number = try visit.number("destinationId")
        let isForced = try Query(request).flag("force")
        let service = service
        try await BlockingWork.change { _ = try Destinations(service).delete(number, isForced: isForced) }
        return .noContent
    }

    private func body(_ number: Int, isWhole: Bool = false) async throws -> DestinationBody {
        try await service.looking { database in
            try Self.body(DestinationStore().stamped(number, in: database), isWhole: isWhole, in: database)
        }
    }

    private static func body(_ destination: Stamped<Destination>, isWhole: Bool, in database: Database) throws
        -> DestinationBody
    {
        guard isWhole else { return DestinationBody(destination, mappings: nil) }
        let mappings = try DestinationStore().mappings(of: destination.value.number, in: database)
        return DestinationBody(destination, mappings: try mappings.map { try MappingBody($0, in: database) })
    }
}

/// A full file that was asked for.
struct AskedBody: Encodable, Sendable {
    let destinationId: Int
    /// In milliseconds since 1970.
    let askedTime: Int64
}
