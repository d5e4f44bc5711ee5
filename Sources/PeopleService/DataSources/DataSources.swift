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
    /// - Returns: The data source, and the names of the merge rules that use it from now on.
    /// - Throws: ``Problem`` of kind `people.data-source-refused` or `people.data-source-taken`.
    package func create(
        number: DataSourceNumber?,
        _ make: (DataSourceNumber, Database) throws -> DataSource
    ) throws -> (dataSource: DataSource, mergeRules: [String]) {
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
        return (largest ?? 1_999_999) + 1
    }
}
