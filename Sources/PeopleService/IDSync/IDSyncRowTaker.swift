// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// What the rows of an ID-sync set say: numbers of new IDs, and links.
///
/// Not shared between threads.
final class IDSyncRowTaker {
    /// The IDs of one column.
    struct Column {
        let source: DataSource
        let keys: IDKeys
    }

    // No access to these meets another one, so none is checked at run time for each row.
    @exclusivity(unchecked) var tally = IDSyncTally()
    @exclusivity(unchecked) private(set) var links: [FoundLink] = []
    let newIDs: NewIDs

    private let columns: [Column]
    private let index: IDIndex
    private let time: UInt32
    private let optedOut: NumberFlags
    private let known: [(source: DataSourceNumber, members: NumberFlags)]
    private var keys: [IDKey] = []
    @exclusivity(unchecked) private var entries: [IDIndex.Entry] = []
    @exclusivity(unchecked) private var numbers: [IDNumber?]

    /// Prepares to take rows.
    ///
    /// - Parameters:
    ///   - columns: The columns, that of devices first.
    ///   - index: The index of IDs.
    ///   - time: When the people of the rows were signed in, in seconds since 1970.
    ///   - service: The installation.
    /// - Throws: What the database answers.
    init(_ columns: [Column], _ index: IDIndex, time: Int64, _ service: PeopleService) throws {
        self.columns = columns
        self.index = index
        self.time = UInt32(clamping: time)
        numbers = Array(repeating: nil, count: columns.count)
        (newIDs, optedOut, known) = try service.read { database in
            (
                NewIDs(first: try IDStore().count(in: database)),
                NumberFlags(try IDStore().members(of: .optedOut, in: database)),
                try Set(columns.map(\.source.namespace)).map { number in
                    (number, NumberFlags(try IDStore().members(of: .dataSource(number), in: database)))
                }
            )
        }
    }

    /// Takes the rows of a block.
    func take(_ rows: IDSyncRows, of bytes: UnsafeRawBufferPointer) {
        keys.removeAll(keepingCapacity: true)
        for row in 0..<rows.count {
            for (place, column) in columns.enumerated() {
                keys.append(column.keys.key(of: rows.id(row: row, column: place, in: bytes)))
            }
        }
        entries.removeAll(keepingCapacity: true)
        entries.append(contentsOf: repeatElement(.none, count: keys.count))
        keys.withUnsafeBufferPointer { keys in
            entries.withUnsafeMutableBufferPointer { index.lookup(keys, into: $0) }
        }
        for row in 0..<rows.count { take(row, rows, bytes) }
    }

    /// The data source of an ID that has a link; -1 if the rows don't name its data source.
    func dataSource(of number: IDNumber) -> DataSourceNumber {
        newIDs.dataSource(of: number) ?? known.first { $0.members.contains(number) }?.source ?? -1
    }

    private func take(_ row: Int, _ rows: IDSyncRows, _ bytes: UnsafeRawBufferPointer) {
        let first = row * columns.count
        for (place, column) in columns.enumerated() {
            guard column.source.idSpelling.accepts(rows.id(row: row, column: place, in: bytes)) else {
                tally.invalidIDs += 1
                return
            }
            let entry = entries[first + place]
            let number = entry.isFound ? index.latestNumber(of: entry) : nil
            numbers[place] = number
            if let number, optedOut.contains(number) {
                tally.optedOut += 1
                return
            }
        }
        var device: IDNumber = 0
        for (place, column) in columns.enumerated() {
            let number =
                numbers[place]
                ?? newIDs.number(
                    of: keys[first + place],
                    rows.id(row: row, column: place, in: bytes),
                    column.source.namespace
                )
            if place == 0 {
                device = number
            } else if !column.source.idType.isOfDevices {
                links.append(FoundLink(device: device, declared: number, time: time, state: .authenticated))
            }
        }
        tally.linked += 1
    }
}
