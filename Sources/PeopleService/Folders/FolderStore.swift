// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The folders of traits, or those of segments.
struct FolderStore {
    private let kind: Folder.Kind

    init(_ kind: Folder.Kind) {
        self.kind = kind
    }

    /// What lies in the folder of a number.
    ///
    /// - Throws: ``Problem`` of kind `people.folder-unknown`.
    static func kind(of number: Int, in database: Database) throws -> Folder.Kind {
        let kind = try String.fetchOne(
            database,
            sql: "SELECT kind FROM folders WHERE number = ?",
            arguments: [number]
        )
        guard let kind = kind.flatMap(Folder.Kind.init) else {
            throw Problem(.folderUnknown, "There is no folder \(number).")
        }
        return kind
    }

    /// All folders by number.
    func list(in database: Database) throws -> [Folder] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT number, name, parent FROM folders WHERE kind = ? ORDER BY number LIMIT ?",
            arguments: [kind.rawValue, Folder.limit]
        )
        var folders: [Int: Folder] = [:]
        for row in rows {
            let number: Int = row["number"]
            folders[number] = Folder(
                number: number,
                kind: kind,
                name: row["name"],
                parent: row["parent"],
                path: []
            )
        }
        return folders.values.sorted { $0.number < $1.number }.map { folder in
            var folder = folder
            folder.path = path(to: folder, folders)
            return folder
        }
    }

    /// How many traits or segments lie right in each folder; those with none are left out.
    func counts(in database: Database) throws -> [Int: Int] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT folder, count(*) FROM \(kind == .trait ? "traits" : "segments")
                WHERE folder IS NOT NULL GROUP BY folder ORDER BY folder LIMIT ?
                """,
            arguments: [Folder.limit]
        )
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as Int, $0[1] as Int) })
    }

    /// Finds a folder.
    ///
    /// - Throws: ``Problem`` of kind `people.folder-unknown`.
    func find(_ number: Int, in database: Database) throws -> Folder {
        let folder = try list(in: database).first { $0.number == number }
        guard let folder else {
            throw Problem(.folderUnknown, "There is no folder \(number) of \(kind.rawValue)s.")
        }
        return folder
    }

    /// Adds a folder.
    ///
    /// - Throws: ``Problem`` of kind `people.folder-refused`, `people.folder-taken` or `people.folder-unknown`.
    func add(name: String, parent: Int?, in database: Database) throws -> Folder {
        let all = try list(in: database)
        guard all.count < Folder.limit else {
            throw Problem(.folderRefused, "There are \(Folder.limit) folders, which is the limit.")
        }
        try confirm(name: name, parent: parent, moving: nil, all)
        let number = try Counter.folder.next(in: database)
        try database.execute(
            sql: "INSERT INTO folders (number, kind, parent, name) VALUES (?, ?, ?, ?)",
            arguments: [number, kind.rawValue, parent, name]
        )
        return try find(number, in: database)
    }

    /// Renames or moves a folder.
    ///
    /// - Throws: As adding one does.
    func update(_ number: Int, name: String, parent: Int?, in database: Database) throws -> Folder {
        let folder = try find(number, in: database)
        try confirm(name: name, parent: parent, moving: folder, list(in: database))
        try database.execute(
            sql: "UPDATE folders SET name = ?, parent = ? WHERE number = ?",
            arguments: [name, parent, number]
        )
        return try find(number, in: database)
    }

    /// Deletes an empty folder.
    ///
    /// - Throws: ``Problem`` of kind `people.folder-unknown` or `people.folder-in-use`.
    func delete(_ number: Int, in database: Database) throws {
        _ = try find(number, in: database)
        let table = kind == .trait ? "traits" : "segments"
        let content = try Int.fetchOne(
            database,
            sql: """
                SELECT (SELECT count(*) FROM folders WHERE parent = ?1)
                    + (SELECT count(*) FROM \(table) WHERE folder = ?1)
                """,
            arguments: [number]
        )
        guard content == 0 else {
            throw Problem(.folderInUse, "\(content ?? 0) things lie in folder \(number).")
        }
        let sum = try Int.fetchOne(
            database,
            sql: "SELECT sid FROM traits WHERE sums_folder = ? ORDER BY sid LIMIT 1",
            arguments: [number]
        )
        if let sum {
            throw Problem(
                .folderInUse,
                "Folder trait \(sum) sums up folder \(number).",
                advice: "Delete the folder trait, or let it sum up another folder."
            )
        }
        try database.execute(sql: "DELETE FROM folders WHERE number = ?", arguments: [number])
    }

    private func confirm(name: String, parent: Int?, moving: Folder?, _ all: [Folder]) throws {
        guard name.isName else {
            throw Problem(
                .folderRefused,
                "A folder's name has 1 to 255 characters on one line, not only blanks.",
                field: "name"
            )
        }
        let folders = Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0) })
        var depth = 1
        var place = parent
        var below = [moving?.name ?? name]
        while let number = place {
            guard let folder = folders[number] else {
                throw Problem(
                    .folderUnknown,
                    "There is no folder \(number) of \(kind.rawValue)s.",
                    field: "parent"
                )
            }
            guard number != moving?.number else {
                throw Problem(
                    .folderRefused,
                    "Folder \(number) would lie in itself: \(([folder.name] + below).joined(separator: " / ")).",
                    field: "parent"
                )
            }
            below.insert(folder.name, at: 0)
            depth += 1
            place = folder.parent
        }
        guard depth + height(of: moving, all) <= Folder.depthLimit else {
            throw Problem(.folderRefused, "Folders lie at most \(Folder.depthLimit) deep.", field: "parent")
        }
        // The table's UNIQUE does not see two folders of one name at the top, whose parent is NULL.
        let twin = all.first { $0.parent == parent && $0.name == name && $0.number != moving?.number }
        if let twin {
            throw Problem(.folderTaken, "Folder \(twin.number) has this name already.", field: "name")
        }
    }

    /// How many folders lie below a folder, one in the other.
    private func height(of folder: Folder?, _ all: [Folder]) -> Int {
        guard let folder else { return 0 }
        let below = all.filter {
            $0.path.count > folder.path.count && Array($0.path.prefix(folder.path.count)) == folder.path
        }
        return (below.map(\.path.count).max() ?? folder.path.count) - folder.path.count
    }

    private func path(to folder: Folder, _ all: [Int: Folder]) -> [String] {
        var path = [folder.name]
        var place = folder.parent
        // A circle, which the store never makes, ends here too.
        while let number = place, let next = all[number], path.count <= Folder.depthLimit {
            path.insert(next.name, at: 0)
            place = next.parent
        }
        return path
    }
}
