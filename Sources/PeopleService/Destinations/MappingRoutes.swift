// SPDX-License-Identifier: Apache-2.0

import GRDB
import HTTPTypes
import Hummingbird
import Problems
import Storage
import Web

/// `/v1/destinations/{destinationId}/mappings`.
struct MappingRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { _, visit in try await list(visit) }
        group.get(":mappingId") { _, visit in try await show(visit) }
        group.post { request, visit in try await create(request, visit) }
        group.put(":mappingId") { request, visit in try await change(request, visit) }
        group.delete(":mappingId") { _, visit in try await delete(visit) }
    }

    private func list(_ visit: Visit) async throws -> Answer<[MappingBody]> {
        let destination = try visit.number("destinationId")
        return Answer(
            try await service.looking { database in
                _ = try DestinationStore().find(destination, in: database)
                return try DestinationStore().mappings(of: destination, in: database)
                    .map { try MappingBody($0, in: database) }
            }
        )
    }

    private func show(_ visit: Visit) async throws -> Answer<MappingBody> {
        Answer(try await body(visit.number("mappingId"), of: visit.number("destinationId")))
    }

    private func create(_ request: Request, _ visit: Visit) async throws -> Answer<MappingBody> {
        let destination = try visit.number("destinationId")
        let input = try await request.json(as: MappingInput.self, visit)
        try await map(input, destination, isNew: true)
        return Answer(
            created: try await body(input.sid, of: destination),
            at: "/v1/destinations/\(destination)/mappings/\(input.sid)"
        )
    }

    private func change(_ request: Request, _ visit: Visit) async throws -> Answer<MappingBody> {
        let destination = try visit.number("destinationId")
        let segment = try visit.number("mappingId")
        let input = try await request.json(as: MappingInput.self, visit)
        guard input.sid == segment else {
            throw Problem(.destinationRefused, "Mapping \(segment) stays with its segment.", field: "sid")
        }
        try await map(input, destination, isNew: false)
        return Answer(try await body(segment, of: destination))
    }

    /// What the receiver has is taken back first: the mapping ends yesterday, and goes for good if it has nothing.
    private func delete(_ visit: Visit) async throws -> HTTPResponse.Status {
        let destination = try visit.number("destinationId")
        let segment = try visit.number("mappingId")
        let service = service
        try await BlockingWork.change { try Destinations(service).unmap(segment, from: destination) }
        return .noContent
    }

    private func map(_ input: MappingInput, _ destination: Int, isNew: Bool) async throws {
        let service = service
        try await BlockingWork.change {
            let lock = try service.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            let days = try service.read { database in
                let store = DestinationStore()
                _ = try store.find(destination, in: database)
                guard try SegmentStore().isThere(input.sid, in: database) else {
                    throw Problem(.destinationRefused, "There is no segment \(input.sid).", field: "sid")
                }
                let known = try store.mappings(of: destination, in: database).first {
                    $0.segment == input.sid
                }
                guard (known != nil) != isNew else {
                    throw isNew
                        ? MappingRoutes.taken(input.sid) : DestinationStore.unmapped(input.sid, destination)
                }
                // A mapping that was ended begins anew.
                let kept = known.flatMap { $0.hasEnded(on: service.today) ? nil : $0 }
                return try input.days(of: kept)
            }
            _ = try Destinations(service)
                .map(input.sid, to: destination, alias: input.traitAlias, start: days.start, end: days.end)
        }
    }

    private func body(_ segment: SID, of destination: Int) async throws -> MappingBody {
        try await service.looking { database in
            try MappingBody(
                DestinationStore().mapping(of: segment, to: destination, in: database),
                in: database
            )
        }
    }

    private static func taken(_ segment: SID) -> Problem {
        Problem(.mappingTaken, "Segment \(segment) is mapped to this destination already.", field: "sid")
    }
}

extension ProblemKind {
    package static let mappingTaken = ProblemKind(
        "people.mapping-taken",
        status: 409,
        meaning: "A segment is mapped to a destination already.",
        advice: "Change the mapping that is there."
    )
}
