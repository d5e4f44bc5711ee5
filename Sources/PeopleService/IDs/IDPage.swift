// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The texts of 4,096 IDs with consecutive numbers, as one value of the database.
///
/// The bytes are the number of IDs n, then for each the number of its data source and the end of its text, then all
/// texts joined; numbers have 32 bits, little-endian. An ID whose text is empty was forgotten.
struct IDPage {
    /// The number of IDs of a full page.
    static let capacity = 4096

    /// The number of IDs.
    let count: Int
    private let bytes: UnsafeRawBufferPointer

    /// Reads a page.
    ///
    /// - Parameter bytes: As they stand in the database; they outlive the page.
    /// - Throws: ``Problem`` of kind `database.damaged`.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count >= 4 else { throw Self.damaged }
        count = Int(bytes.number(at: 0))
        self.bytes = bytes
        guard count <= Self.capacity, bytes.count >= 4 + count * 8 else { throw Self.damaged }
        var last = 0
        for place in 0..<count {
            let end = Int(bytes.number(at: 8 + place * 8))
            guard end >= last else { throw Self.damaged }
            last = end
        }
        guard bytes.count == 4 + count * 8 + last else { throw Self.damaged }
    }

    /// The number of the data source of the ID at a place, from 0.
    @inline(__always)
    func dataSource(at place: Int) -> DataSourceNumber { Int(bytes.number(at: 4 &+ place &* 8)) }

    /// The text of the ID at a place, from 0; empty if it was forgotten.
    @inline(__always)
    func text(at place: Int) -> UnsafeRawBufferPointer {
        let texts = 4 &+ count &* 8
        let start = place == 0 ? 0 : Int(bytes.number(at: place &* 8))
        let end = Int(bytes.number(at: 8 &+ place &* 8))
        return UnsafeRawBufferPointer(rebasing: bytes[texts &+ start..<texts &+ end])
    }

    static var damaged: Problem { Problem(.databaseDamaged, "A page of IDs in the database is damaged.") }
}

/// A page in the making.
struct IDPageBuilder {
    /// The data source and the end of the text of each ID, as they stand in a page.
    private var heads: [UInt32] = []
    private var texts: [UInt8] = []

    /// The number of IDs so far.
    var count: Int { heads.count / 2 }

    /// A page without IDs.
    init() {}

    /// A page that goes on where another one ends.
    init(_ page: IDPage) {
        for place in 0..<page.count { append(page.dataSource(at: place), page.text(at: place)) }
    }

    /// Adds an ID.
    mutating func append(_ dataSource: DataSourceNumber, _ text: UnsafeRawBufferPointer) {
        precondition(count < IDPage.capacity, "the page is full")
        texts.append(contentsOf: text)
        heads.append(UInt32(dataSource).littleEndian)
        heads.append(UInt32(texts.count).littleEndian)
    }

    /// The page's bytes.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 4 + count * 8 + texts.count)
        writer.append(UInt32(count))
        heads.withUnsafeBytes { writer.append(contentsOf: $0) }
        texts.withUnsafeBytes { writer.append(contentsOf: $0) }
        return writer.bytes
    }
}
