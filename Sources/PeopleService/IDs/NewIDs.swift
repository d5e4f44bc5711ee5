// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// IDs that a run met first.
///
/// They get numbers at once and reach the database with the run's transaction, and the index after it. Not shared
/// between threads. Memory is some 50 bytes for each ID, and its text.
final class NewIDs {
    private let first: IDNumber
    // No access to these meets another one, so none is checked at run time for each ID.
    @exclusivity(unchecked) private var keys: [IDKey] = []
    @exclusivity(unchecked) private var dataSources: [UInt32] = []
    private let texts = IDBatch()
    /// At a slot that follows from a key its place plus one and, above 32 bits, a part of the key; 0 for a free slot.
    ///
    /// Keys are keyed hashes already, so that nobody can choose IDs that collide.
    @exclusivity(unchecked) private var slots = [UInt64](repeating: 0, count: 1024)

    /// No IDs yet.
    ///
    /// - Parameter first: The number of the first one: how many IDs there are.
    init(first: Int) {
        self.first = IDNumber(first)
    }

    /// How many there are.
    var count: Int { keys.count }

    /// The number of an ID, given if it has none yet.
    ///
    /// - Parameters:
    ///   - key: The ID's key, of which the index knows nothing.
    ///   - text: The ID.
    ///   - dataSource: The data source that it belongs to.
    /// - Returns: Its number.
    func number(of key: IDKey, _ text: UnsafeRawBufferPointer, _ dataSource: DataSourceNumber) -> IDNumber {
        let slot = slot(of: key)
        if slots[slot] > 0 { return first + UInt32(truncatingIfNeeded: slots[slot]) - 1 }
        keys.append(key)
        slots[slot] = UInt64(keys.count) | Self.tag(of: key)
        dataSources.append(UInt32(dataSource))
        texts.append(text)
        if keys.count * 3 > slots.count * 2 { grow() }
        return first + IDNumber(keys.count - 1)
    }

    /// The number of an ID that was given one; `nil` for any other.
    func number(of key: IDKey) -> IDNumber? {
        let entry = slots[slot(of: key)]
        return entry > 0 ? first + UInt32(truncatingIfNeeded: entry) - 1 : nil
    }

    /// The data source of one of these IDs; `nil` for an older one.
    func dataSource(of number: IDNumber) -> DataSourceNumber? {
        number >= first ? Int(dataSources[Int(number - first)]) : nil
    }

    /// Writes the IDs down.
    func store(in database: Database) throws {
        try IDStore().append(texts, of: dataSources, in: database)
    }

    /// Tells the index, after the transaction.
    func add(to directory: IDDirectory) throws {
        try directory.add(keys, first: first)
    }

    /// The slot where a key is, or belongs.
    @inline(__always)
    private func slot(of key: IDKey) -> Int {
        let mask = slots.count - 1
        let tag = Self.tag(of: key)
        var slot = Int(truncatingIfNeeded: key.second) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return slot }
            let place = Int(entry & ~Self.tagBits) - 1
            if entry & Self.tagBits == tag, keys[place] == key { return slot }
            slot = (slot + 1) & mask
        }
    }

    private static let tagBits: UInt64 = 0xFFFF_FFFF_0000_0000

    @inline(__always)
    private static func tag(of key: IDKey) -> UInt64 { key.second & tagBits }

    private func grow() {
        let mask = slots.count * 2 - 1
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        for (place, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key.second) & mask
            while larger[slot] > 0 { slot = (slot + 1) & mask }
            larger[slot] = UInt64(place + 1) | Self.tag(of: key)
        }
        slots = larger
    }
}
