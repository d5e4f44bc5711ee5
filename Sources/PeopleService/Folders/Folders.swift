// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// What people do with folders of traits and segments: make, move, rename and delete them.
package struct Folders {
    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes a folder.
    ///
    /// - Parameters:
    ///   - kind: What lies in it.
    ///   - name: Its name, which no folder beside it has.
    ///   - parent: The folder in which it lies; `nil` for the top.
    /// - Returns: The folder.
    /// - Throws: ``Problem`` of kind `people.folder-refused`, `people.folder-taken` or `people.folder-unknown`.
    package func create(_ kind: Folder.Kind, name: String, parent: Int?) throws -> Folder {
        try change { try FolderStore(kind).add(name: name, parent: parent, in: $0) }
    }

    /// Renames or moves a folder; segments over folder traits follow at once.
    ///
    /// - Parameters:
    ///   - number: Its number.
    ///   - kind: What lies in it; found out where it is not given.
    ///   - body: Changes its name and its place.
    /// - Returns: The folder, and what changed in segments.
    /// - Throws: ``Problem`` as making one does, or of kind `people.restriction-forbids` where a folder trait would bring
    ///   its traits into a segment that must not be sent.
    package func update(
        _ number: Int,
        of kind: Folder.Kind? = nil,
        _ body: (inout Folder) throws -> Void
    ) throws -> (folder: Folder, segments: [Receipt.Segment]) {
        try change { database in
            let store = try FolderStore(kind ?? FolderStore.kind(of: number, in: database))
            let old = try store.find(number, in: database)
            var folder = old
            try body(&folder)
            let changed = try store.update(number, name: folder.name, parent: folder.parent, in: database)
            guard changed.parent != old.parent, changed.kind == .trait else { return (changed, []) }
            let sums = try FolderTraits(in: database).all()
            guard !sums.isEmpty else { return (changed, []) }
            try Destinations.confirmAllAllowed(on: service.today, in: database)
            let segments = try SegmentStore().active(referringTo: sums, in: database)
            let evaluation = try SegmentEvaluation(in: database, at: service.world.milliseconds)
            return (changed, try evaluation.evaluate(segments))
        }
    }

    /// Deletes a folder in which nothing lies and which no folder trait sums up.
    ///
    /// - Parameters:
    ///   - number: Its number.
    ///   - kind: What lies in it; found out where it is not given.
    /// - Returns: The folder as it was.
    /// - Throws: ``Problem`` of kind `people.folder-unknown` or `people.folder-in-use`.
    @discardableResult
    package func delete(_ number: Int, of kind: Folder.Kind? = nil) throws -> Folder {
        try change { database in
            let store = try FolderStore(kind ?? FolderStore.kind(of: number, in: database))
            let folder = try store.find(number, in: database)
            try store.delete(number, in: database)
            return folder
        }
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }
}
