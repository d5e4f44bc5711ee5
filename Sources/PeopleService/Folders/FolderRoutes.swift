// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Web

/// `/v1/folders/traits` and `/v1/folders/segments`.
struct FolderRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        for kind in [Folder.Kind.trait, .segment] {
            let path = RouterPath("\(kind.rawValue)s")
            group.get(path) { _, _ in try await list(kind) }
            group.post(path) { request, visit in try await create(kind, request, visit) }
            group.get("\(path)/:folder") { _, visit in try await show(kind, visit) }
            group.put("\(path)/:folder") { request, visit in try await change(kind, request, visit) }
            group.delete("\(path)/:folder") { _, visit in try await delete(kind, visit) }
        }
    }

    private func list(_ kind: Folder.Kind) async throws -> Answer<[FolderBody]> {
        let folders = try await service.looking { try FolderStore(kind).list(in: $0) }
        return Answer(folders.map(FolderBody.init))
    }

    private func show(_ kind: Folder.Kind, _ visit: Visit) async throws -> Answer<FolderBody> {
        let number = try visit.number("folder")
        return Answer(FolderBody(try await service.looking { try FolderStore(kind).find(number, in: $0) }))
    }

    private func create(_ kind: Folder.Kind, _ request: Request, _ visit: Visit) async throws -> Answer<
        FolderBody
    > {
        let input = try await request.json(as: FolderInput.self, visit)
        let service = service
        let folder = try await BlockingWork.change {
            try Folders(service).create(kind, name: input.name, parent: input.parent)
        }
        return Answer(created: FolderBody(folder), at: "/v1/folders/\(kind.rawValue)s/\(folder.number)")
    }

    private func change(_ kind: Folder.Kind, _ request: Request, _ visit: Visit) async throws -> Answer<
        FolderBody
    > {
        let number = try visit.number("folder")
        let input = try await request.json(as: FolderInput.self, visit)
        let service = service
        let changed = try await BlockingWork.change {
            try Folders(service).update(number, of: kind) { folder in
                folder.name = input.name
                folder.parent = input.parent
            }
        }
        return Answer(FolderBody(changed.folder))
    }

    private func delete(_ kind: Folder.Kind, _ visit: Visit) async throws -> HTTPResponse.Status {
        let number = try visit.number("folder")
        let service = service
        try await BlockingWork.change { _ = try Folders(service).delete(number, of: kind) }
        return .noContent
    }
}

/// A folder as the API shows it; the number 0 stands for the top.
struct FolderBody: Encodable, Sendable {
    let folderId: Int
    let parentFolderId: Int
    let name: String
    let path: String

    init(_ folder: Folder) {
        folderId = folder.number
        parentFolderId = folder.parent ?? 0
        name = folder.name
        path = "/" + folder.path.joined(separator: "/")
    }
}

/// A folder as a request describes it.
private struct FolderInput: Decodable, Sendable {
    let name: String
    let parentFolderId: Int?

    var parent: Int? { parentFolderId == 0 ? nil : parentFolderId }
}
