// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hummingbird
import Problems
import Storage
import Web

/// The HTTP API of the People service, in one screen; `docs/api/people.yaml` describes it.
///
/// Paths and names are those of Audience Manager ("getting started with REST APIs"), whose clients can use it;
/// `/v1/audiences` is ours.
package struct PeopleRoutes {
    /// The number of the company (PID): an installation holds one.
    static let company = 1

    private let service: PeopleService
    private let explain: @Sendable (any Error) -> Problem?

    /// The API of an installation.
    ///
    /// - Parameters:
    ///   - service: The installation.
    ///   - explain: What a person can do about an error that is no problem yet; `nil` for a fault of the program.
    package init(_ service: PeopleService, explaining explain: @escaping @Sendable (any Error) -> Problem?) {
        self.service = service
        self.explain = explain
    }

    /// What a server answers: all routes, and a refusal for what they don't know.
    package func router() -> Router<Visit> {
        let router = routes()
        router.refuseOtherMethods()
        return router
    }

    /// All routes.
    func routes() -> Router<Visit> {
        let router = WebServer.router(explaining: explain)
        let version = router.group("v1").add(middleware: BearerTokens(service.database, service.world))
        func group(_ path: RouterPath, _ names: [String: String]) -> RouterGroup<Visit> {
            version.group(path).add(middleware: FieldNames(names))
        }
        DataSourceRoutes(service: service).addRoutes(to: group("datasources", Self.dataSourceFields))
        TraitRoutes(service: service).addRoutes(to: group("traits", Self.traitFields))
        SegmentRoutes(service: service).addRoutes(to: group("segments", Self.segmentFields))
        DestinationRoutes(service: service).addRoutes(to: group("destinations", Self.destinationFields))
        MappingRoutes(service: service)
            .addRoutes(to: group("destinations/:destinationId/mappings", Self.mappingFields))
        MergeRuleRoutes(service: service).addRoutes(to: version.group("merge-rules"))
        FolderRoutes(service: service).addRoutes(to: group("folders", ["parent": "parentFolderId"]))
        AudienceRoutes(service: service).addRoutes(to: version.group("audiences"))
        PrivacyRequestRoutes(service: service).addRoutes(to: version.group("privacy-requests"))
        ReceiptRoutes(service: service).addRoutes(to: version.group("receipts"))
        TokenRoutes(service: service).addRoutes(to: version.group("users/self"))
        return router
    }
}

extension PeopleRoutes {
    // What bodies call the options of commands.

    private static let dataSourceFields = [
        "number": "dataSourceId", "ids-of": "customNamespaceId", "retention": "customerProfileDataRetention",
        "id-definition": "subIdType",
    ]
    private static let traitFields = [
        "rule": "traitRule", "data-source": "dataSourceId", "folder": "folderId", "of-folder": "ofFolderId",
    ]
    private static let segmentFields = [
        "rule": "segmentRule", "data-source": "dataSourceId", "folder": "folderId",
        "merge-rule": "mergeRuleDataSourceId",
    ]
    private static let destinationFields = [
        "key-data-source": "dataSourceId", "mode": "syncMode", "alias": "pidAlias", "split": "splitBytes",
        "label": "dataExportLabels",
    ]
    private static let mappingFields = [
        "segment": "sid", "alias": "traitAlias", "start": "startDate", "end": "endDate",
    ]
}

extension PeopleService {
    /// Reads one consistent state of the database, off the threads that requests share.
    func looking<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws
        -> Value
    {
        try await BlockingWork.read { try read(work) }
    }

    /// Does a change in one transaction, under the lock of the data directory, off the threads that requests share.
    func changing<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws
        -> Value
    {
        try await BlockingWork.change {
            let lock = try lockForChange()
            defer { withExtendedLifetime(lock) {} }
            return try write(work)
        }
    }
}
