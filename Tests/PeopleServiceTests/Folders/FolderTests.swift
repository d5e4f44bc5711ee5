// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Testing

@testable import PeopleService

@Suite struct FolderTests {
    private func summary(_ work: () throws -> Void) -> String? {
        do {
            try work()
            return nil
        } catch {
            return (error as? Problem)?.summary
        }
    }

    @Test func `folders are made, listed, renamed, moved and deleted by command`() async throws {
        let test = try TestPeople()
        try await test.run(FoldersCommand.self, "create", "--of", "traits", "--name", "A")
        try await test.run(FoldersCommand.self, "create", "--of", "traits", "--name", "B", "--parent", "1")
        try await test.run(FoldersCommand.self, "create", "--of", "segments", "--name", "A")
        try await test.run(FoldersCommand.self, "list")
        func paths(_ kind: Folder.Kind) throws -> [[String]] {
            try test.service.read { try FolderStore(kind).list(in: $0) }.map(\.path)
        }
        #expect(try paths(.trait) == [["A"], ["A", "B"]])
        #expect(try paths(.segment) == [["A"]])
        try await test.run(FoldersCommand.self, "edit", "2", "--name", "C", "--parent", "0")
        #expect(try paths(.trait) == [["A"], ["C"]])
        try await test.run(FoldersCommand.self, "edit", "3", "--name", "S")
        #expect(try paths(.segment) == [["S"]])
        try await test.run(FoldersCommand.self, "delete", "2")
        #expect(try paths(.trait) == [["A"]])
        let unknown = await fault { try await test.run(FoldersCommand.self, "delete", "2") }
        #expect(unknown == "people.folder-unknown")
        // A folder of segments is no place for a folder of traits.
        let mixed = await fault { try await test.run(FoldersCommand.self, "edit", "1", "--parent", "3") }
        #expect(mixed == "people.folder-unknown parent")
    }

    @Test func `a folder that would lie in itself is refused with the path`() throws {
        let test = try TestPeople()
        let folders = Folders(test.service)
        let a = try folders.create(.trait, name: "A", parent: nil)
        let b = try folders.create(.trait, name: "B", parent: a.number)
        let c = try folders.create(.trait, name: "C", parent: b.number)
        #expect(
            summary { _ = try folders.update(a.number) { $0.parent = c.number } }
                == "Folder \(a.number) would lie in itself: A / B / C / A."
        )
        #expect(
            summary { _ = try folders.update(a.number) { $0.parent = a.number } }
                == "Folder \(a.number) would lie in itself: A / A."
        )
        #expect(try folders.update(c.number) { $0.parent = nil }.folder.path == ["C"])
    }

    @Test func `folders lie five deep and no deeper, also with what is moved along`() async throws {
        let test = try TestPeople()
        let folders = Folders(test.service)
        var parent: Int?
        for depth in 1...5 { parent = try folders.create(.segment, name: "\(depth)", parent: parent).number }
        let deepest = try #require(parent)
        #expect(
            await fault { _ = try folders.create(.segment, name: "6", parent: deepest) }
                == "people.folder-refused parent"
        )
        let tower = try folders.create(.segment, name: "X", parent: nil)
        _ = try folders.create(.segment, name: "Y", parent: tower.number)
        #expect(
            await fault { _ = try folders.update(tower.number) { $0.parent = deepest - 1 } }
                == "people.folder-refused parent"
        )
        #expect(try folders.update(tower.number) { $0.parent = deepest - 2 }.folder.path.count == 4)
    }

    @Test func `a folder that holds something, or that a trait sums up, stays`() async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let folder = try Folders(test.service).create(.trait, name: "F", parent: nil).number
        let trait = try test.trait(of: 200)
        _ = try Traits(test.service).update(trait) { $0.folder = folder }
        #expect(await fault { try Folders(test.service).delete(folder) } == "people.folder-in-use")
        _ = try Traits(test.service).update(trait) { $0.folder = nil }
        let sum = try test.folderTrait(of: folder)
        #expect(summary { try Folders(test.service).delete(folder) }?.contains("trait \(sum)") == true)
        try Traits(test.service).delete(sum)
        try Folders(test.service).delete(folder)
    }
}

extension TestPeople {
    /// Makes a folder trait of a data source.
    func folderTrait(of folder: Int, source: DataSourceNumber = 200) throws -> SID {
        try Traits(service).create { sid in
            Trait(sid: sid, name: "Sum \(sid)", dataSource: source, summedFolder: folder, lifetimeDays: 0)
        }
        .sid
    }
}
