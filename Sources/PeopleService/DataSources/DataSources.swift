// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// What people do with data sources: make and change them.
package struct DataSources {
    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes a data source; merge rules that follow new ones take it up.
    ///
    /// - Parameters:
    ///   - number: Its number; `nil` for the next free one.
    ///   - make: Makes the data source from its number.
    /// - Returns: The data source, and which merge rules use it from now on.
    /// - Throws: ``Problem`` of kind `people.data-source-refused` or `people.data-source-taken`.
    package func create(
        number: DataSourceNumber?,
        _ make: (DataSourceNumber, Database) throws -> DataSource
    ) throws -> (dataSource: DataSource, mergeRules: MergeRuleStore.Following) {
        try change { database in
            let source = try make(number ?? Self.nextNumber(in: database), database)
            try DataSourceStore().add(source, at: service.world.milliseconds, in: database)
            return (source, try MergeRuleStore().follow(source, in: database))
        }
    }

    /// Changes a data source.
    ///
    /// - Parameters:
    ///   - number: Its number.
    ///   - body: Changes what can be changed: name, description, integration code, retention and restrictions.
    /// - Returns: The data source.
    /// - Throws: ``Problem`` of kind `people.data-source-unknown`, `people.data-source-refused`,
    ///   `people.data-source-taken`, or `people.restriction-forbids` where a segment is sent to a destination already
    ///   that a new restriction forbids.
    package func update(_ number: DataSourceNumber, _ body: (inout DataSource) throws -> Void) throws
        -> DataSource
    {
        try change { database in
            let old = try DataSourceStore().find(number, in: database)
            var source = old
            guard !source.isGlobal else {
                throw Problem(.peopleDataSourceRefused, "Data source \(number) is one of all the world.")
            }
            try body(&source)
            try DataSourceStore().update(source, at: service.world.milliseconds, in: database)
            if !source.restrictions.isSubset(of: old.restrictions) {
                try Destinations.confirmAllAllowed(on: service.today, in: database)
            }
            return source
        }
    }

    /// Looks whether a data source can go, without changing anything.
    ///
    /// - Parameter number: Its number.
    /// - Returns: What would go, and how many receipts would stay.
    /// - Throws: As ``delete(_:)``.
    package func previewDeletion(of number: DataSourceNumber) throws -> (
        dataSource: DataSource, receipts: Int
    ) {
        try service.read { try deletable(number, in: $0) }
    }

    /// Deletes a data source that nothing uses; its receipts stay.
    ///
    /// IDs of people are never deleted this way: a source that has some stays until they were deleted or forgotten.
    ///
    /// - Parameter number: Its number, which may be given again.
    /// - Returns: What went, and how many receipts stay.
    /// - Throws: ``Problem`` of kind `people.data-source-unknown`, `people.data-source-refused` for one of all the world,
    ///   or `people.data-source-in-use` with what uses it.
    @discardableResult
    package func delete(_ number: DataSourceNumber) throws -> (dataSource: DataSource, receipts: Int) {
        try change { database in
            let gone = try deletable(number, in: database)
            try DataSourceStore().delete(number, in: database)
            return gone
        }
    }

    private func deletable(_ number: DataSourceNumber, in database: Database) throws -> (
        dataSource: DataSource, receipts: Int
    ) {
        let source = try DataSourceStore().find(number, in: database)
        guard !source.isGlobal else {
            throw Problem(.peopleDataSourceRefused, "Data source \(number) is one of all the world.")
        }
        let usage = try DataSourceUsage(of: source, in: database)
        guard usage.phrases.isEmpty else {
            throw Problem(
                .peopleDataSourceInUse,
                "Data source \(number) is used by \(usage.phrases.joined(separator: "; "))."
            )
        }
        let receipts = try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM receipts WHERE data_source = ?",
            arguments: [number]
        )
        return (source, receipts ?? 0)
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }

    /// The first free number above those that were given already, out of the way of the global ones.
    private static func nextNumber(in database: Database) throws -> DataSourceNumber {
        let largest = try Int.fetchOne(
            database,
            sql: "SELECT max(number) FROM data_sources WHERE number BETWEEN 2000000 AND 2999999"
        )
        var number = (largest ?? 1_999_999) + 1
        while try DataSourceStore().holder(ofCode: number, in: database) != nil { number += 1 }
        return number
    }
}
