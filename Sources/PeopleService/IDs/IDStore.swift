// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// The IDs that this installation knows: their texts by number, and sets of them.
struct IDStore {
    /// The number of IDs that were ever met, which is the number of the next new one.
    func count(in database: Database) throws -> Int { try Counter.id.value(in: database) }

    /// Adds IDs at the end.
    ///
    /// - Parameters:
    ///   - texts: The IDs, in the order of their numbers.
    ///   - dataSources: The data source of each.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers, or ``Problem`` of kind `people.full`.
    func append(_ texts: IDBatch, of dataSources: [UInt32], in database: Database) throws {
        let first = try count(in: database)
        guard first + texts.count <= Int(IDIndex.largestNumber) else {
            throw Problem(.peopleFull, "An installation holds at most \(IDIndex.largestNumber) IDs.")
        }
        guard texts.count > 0 else { return }
        var page = first / IDPage.capacity
        var builder = try withPage(page, in: database) { $0.map(IDPageBuilder.init) ?? IDPageBuilder() }
        var members: [(dataSource: UInt32, builder: MemberSetBuilder)] = []
        var last = 0
        for position in 0..<texts.count {
            if builder.count == IDPage.capacity {
                try store(builder, page, in: database)
                page += 1
                builder = IDPageBuilder()
            }
            let dataSource = dataSources[position]
            builder.append(Int(dataSource), texts[position])
            if last == members.count || members[last].dataSource != dataSource {
                last = members.firstIndex { $0.dataSource == dataSource } ?? members.count
                if last == members.count { members.append((dataSource, MemberSetBuilder())) }
            }
            members[last].builder.insert(IDNumber(first + position))
        }
        try store(builder, page, in: database)
        try Counter.id.next(by: texts.count, in: database)
        for (dataSource, added) in members {
            try change(.dataSource(Int(dataSource)), in: database) { $0.union(added.added) }
        }
    }

    /// Calls a function with the data source and the text of each ID of a set, by number.
    ///
    /// - Parameters:
    ///   - members: The IDs; forgotten ones are left out.
    ///   - database: The database.
    ///   - body: Is given a number, its data source and its text, which is valid during the call.
    /// - Throws: What the function throws, or what the database answers.
    func forEach(
        of members: MemberSet,
        in database: Database,
        _ body: (IDNumber, DataSourceNumber, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var run: [IDNumber] = []
        var current = -1
        func visit() throws {
            guard !run.isEmpty else { return }
            try withPage(current, in: database) { page in
                guard let page else { throw IDPage.damaged }
                for number in run {
                    let place = Int(number) % IDPage.capacity
                    guard place < page.count else { throw IDPage.damaged }
                    let text = page.text(at: place)
                    if !text.isEmpty { try body(number, page.dataSource(at: place), text) }
                }
            }
            run.removeAll(keepingCapacity: true)
        }
        try members.forEach { number in
            let page = Int(number) / IDPage.capacity
            if page != current {
                try visit()
                current = page
            }
            run.append(number)
        }
        try visit()
    }

    /// Forgets the texts of IDs; their numbers are not given again.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func forget(_ members: MemberSet, in database: Database) throws {
        for (page, numbers) in Dictionary(grouping: members.numbers(), by: { Int($0) / IDPage.capacity }) {
            let places = Set(numbers.map { Int($0) % IDPage.capacity })
            let builder = try withPage(page, in: database) { old -> IDPageBuilder in
                guard let old else { throw IDPage.damaged }
                var builder = IDPageBuilder()
                let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
                for place in 0..<old.count {
                    builder.append(
                        old.dataSource(at: place),
                        places.contains(place) ? nothing : old.text(at: place)
                    )
                }
                return builder
            }
            try store(builder, page, in: database)
        }
    }

    /// All IDs of browsers and devices.
    func devices(in database: Database) throws -> MemberSet {
        let numbers = try Int.fetchAll(
            database,
            sql:
                "SELECT number FROM data_sources WHERE id_type <> 'cross-device' ORDER BY number LIMIT 100000"
        )
        return MemberSet.union(of: try numbers.map { try members(of: .dataSource($0), in: database) })
    }

    /// A set of IDs that is kept.
    func members(of set: IDSet, in database: Database) throws -> MemberSet {
        try number(of: set, in: database).map { try MemberSetStore().members(of: $0, in: database) } ?? .empty
    }

    /// Changes a set of IDs.
    func change(_ set: IDSet, in database: Database, _ change: (MemberSet) -> MemberSet) throws {
        if let number = try number(of: set, in: database) {
            let stored = try MemberSetStore().read(number, in: database)
            let old = try stored.members
            let members = MemberChange(from: old, to: change(old))
            return try MemberSetStore().write(stored, members, in: database)
        }
        let new = change(.empty)
        guard !new.isEmpty else { return }
        try database.execute(
            sql: "INSERT INTO id_sets (name, set_number) VALUES (?, ?)",
            arguments: [set.name, try MemberSetStore().make(new, in: database)]
        )
    }

    private func number(of set: IDSet, in database: Database) throws -> SetNumber? {
        try Int.fetchOne(
            database,
            sql: "SELECT set_number FROM id_sets WHERE name = ?",
            arguments: [set.name]
        )
    }

    /// Reads one page, or finds that there is none.
    func withPage<Value>(_ number: Int, in database: Database, _ read: (IDPage?) throws -> Value) throws
        -> Value
    {
        let statement = try database.cachedStatement(sql: "SELECT texts FROM id_pages WHERE page = ?")
        let rows = try Row.fetchCursor(statement, arguments: [number])
        guard let row = try rows.next() else { return try read(nil) }
        // Without a copy: the bytes are those of the statement.
        return try row.withUnsafeData(atIndex: 0) { data in
            guard let data else { throw IDPage.damaged }
            return try data.withUnsafeBytes { try read(IDPage($0)) }
        }
    }

    private func store(_ page: IDPageBuilder, _ number: Int, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO id_pages (page, texts) VALUES (?, ?)
                ON CONFLICT (page) DO UPDATE SET texts = excluded.texts
                """,
            arguments: [number, Data(page.bytes)]
        )
    }
}

/// A set of IDs that the database keeps beside their texts.
enum IDSet: Equatable {
    /// All IDs of a data source.
    case dataSource(DataSourceNumber)
    /// IDs that must not be used any more, because the person said so.
    case optedOut
    /// IDs by which people opted out; ``optedOut`` holds them and all that they reach.
    case optOutAsked
    /// IDs whose deletion was asked for, until every destination was told.
    case deleted
    /// IDs that showed no sign of life for too long, until every destination was told.
    case inactive

    /// The name in the database.
    var name: String {
        switch self {
        case .dataSource(let number): "data-source-\(number)"
        case .optedOut: "opted-out"
        case .optOutAsked: "opt-out-asked"
        case .deleted: "deleted"
        case .inactive: "inactive"
        }
    }
}

extension ProblemKind {
    package static let peopleFull = ProblemKind(
        "people.full",
        status: 507,
        meaning: "The installation holds as many IDs as it can.",
        advice: "Split the data sources over several data directories; nothing half-done was kept."
    )
}
