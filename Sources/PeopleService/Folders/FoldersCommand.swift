// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GRDB
import Storage
import Terminal

/// `tallystick people folders`: places to keep traits and segments in.
struct FoldersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "folders",
        abstract: "Make, list, move and delete folders of traits and of segments.",
        discussion: "Folders lie at most five deep. What a folder trait sums up is docs/rules.md.",
        subcommands: [Create.self, List.self, Edit.self, Delete.self]
    )

    /// What lies in folders.
    enum Content: String, ExpressibleByArgument, CaseIterable {
        case traits
        case segments

        var kind: Folder.Kind { self == .traits ? .trait : .segment }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a folder.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "What lies in it: traits or segments.") var of: Content
        @Option(help: "Its name, which no folder beside it has.") var name: String
        @Option(help: "The folder in which it lies; 0 is the top.") var parent = 0

        func run() async throws {
            let service = try PeopleService(global.directory)
            let folder = try Folders(service).create(
                of.kind,
                name: name,
                parent: parent == 0 ? nil : parent
            )
            try global.show(FolderReport(folder))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the folders with their paths, and how much lies in each."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "Only folders of traits or segments.") var of: Content?

        func run() async throws {
            let service = try PeopleService(global.directory)
            let reports = try service.read { database in
                try Content.allCases.filter { of == nil || of == $0 }.flatMap { content in
                    let counts = try FolderStore(content.kind).counts(in: database)
                    return try FolderStore(content.kind).list(in: database)
                        .map { FolderReport($0, count: counts[$0.number] ?? 0) }
                }
            }
            var table = TextTable("NUMBER", "OF", "PATH", "IN IT")
            for report in reports.sorted(by: { ($0.of, $0.path) < ($1.of, $1.path) }) {
                table.add("\(report.number)", report.of, report.path, (report.count ?? 0).grouped)
            }
            try global.show(ListReport("folders", reports, table: table))
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rename or move a folder; what is not named stays.",
            discussion: "Segments over folder traits follow at once. A folder can't be moved into itself."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The folder's number.") var number: Int
        @Option(help: "Its name, which no folder beside it has.") var name: String?
        @Option(help: "The folder in which it lies; 0 is the top.") var parent: Int?

        func run() async throws {
            let service = try PeopleService(global.directory)
            let changed = try Folders(service).update(number) { folder in
                folder.name = name ?? folder.name
                folder.parent = parent.map { $0 == 0 ? nil : $0 } ?? folder.parent
            }
            try global.show(FolderReport(changed.folder, segments: changed.segments))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a folder in which nothing lies.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The folder's number.") var number: Int

        func run() async throws {
            try Folders(PeopleService(global.directory)).delete(number)
            try global.show(DeletedReport(number))
        }
    }
}

/// A folder as commands show it.
private struct FolderReport: Report {
    let number: Int
    /// `traits` or `segments`.
    let of: String
    let name: String
    /// The folder in which it lies; 0 is the top.
    let parent: Int
    let path: String
    /// How many traits or segments lie right in it.
    let count: Int?
    /// What a change did to segments.
    let segments: [Receipt.Segment]?

    init(_ folder: Folder, count: Int? = nil, segments: [Receipt.Segment]? = nil) {
        number = folder.number
        of = "\(folder.kind.rawValue)s"
        name = folder.name
        parent = folder.parent ?? 0
        path = "/" + folder.path.joined(separator: "/")
        self.count = count
        self.segments = segments
    }

    var text: String {
        (["\(number): \(path), folder of \(of)"]
            + (segments ?? []).map { "  segment \($0.segment): \($0.before.grouped) → \($0.after.grouped)" })
            .joined(separator: "\n")
    }
}
