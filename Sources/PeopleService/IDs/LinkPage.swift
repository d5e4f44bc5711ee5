// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage

/// The links of 4,096 IDs with consecutive numbers, as one value of the database.
///
/// The bytes are 12 for each link: the ID's place in the page times four plus the state, the ID at the other end, the
/// time in seconds since 1970; numbers have 32 bits, little-endian. Links are sorted by place, then from the oldest to
/// the newest.
struct LinkPage {
    /// The number of IDs of a page.
    static let capacity = IDPage.capacity
    static let recordByteCount = 12

    /// The bytes, as they stand in the database.
    let bytes: UnsafeRawBufferPointer

    /// How many links there are.
    var count: Int { bytes.count / Self.recordByteCount }

    /// Reads a page.
    ///
    /// - Parameter bytes: As they stand in the database; they outlive the page.
    /// - Throws: ``Problem`` of kind `database.damaged`.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        self.bytes = bytes
        guard bytes.count % Self.recordByteCount == 0 else { throw IDPage.damaged }
        guard count == 0 || place(at: count - 1) < Self.capacity else { throw IDPage.damaged }
    }

    /// The place of the ID of a link, by the link's position from 0.
    @inline(__always)
    func place(at position: Int) -> Int {
        Int(bytes.number(at: position &* Self.recordByteCount) >> 2)
    }

    /// The time of the link that was seen longest ago, in seconds since 1970; the largest number where there is none.
    var oldestTime: UInt32 {
        var oldest = UInt32.max
        for position in 0..<count {
            oldest = min(oldest, bytes.number(at: position &* Self.recordByteCount &+ 8))
        }
        return oldest
    }

    /// The links at some positions.
    @inline(__always)
    func links(_ positions: Range<Int>) -> LinkList {
        let start = positions.lowerBound * Self.recordByteCount
        let end = positions.upperBound * Self.recordByteCount
        return LinkList(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
}

/// The links of one ID, the oldest first; valid as long as the page that they stand in.
struct LinkList: RandomAccessCollection {
    private let bytes: UnsafeRawBufferPointer

    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var startIndex: Int { 0 }
    var endIndex: Int { bytes.count / LinkPage.recordByteCount }

    @inline(__always)
    subscript(position: Int) -> Link {
        let start = position &* LinkPage.recordByteCount
        return Link(
            partner: bytes.number(at: start &+ 4),
            time: bytes.number(at: start &+ 8),
            state: Link.State(rawValue: UInt8(truncatingIfNeeded: bytes.number(at: start) & 3)) ?? .unknown
        )
    }
}

/// A page in the making.
struct LinkPageBuilder {
    private var writer: ByteWriter

    /// A page without links, with room for some bytes.
    init(capacity: Int) {
        writer = ByteWriter(capacity: capacity)
    }

    /// Adds a link; places ascend.
    mutating func append(_ link: Link, at place: Int) {
        writer.append(UInt32(place) << 2 | UInt32(link.state.rawValue))
        writer.append(link.partner)
        writer.append(link.time)
    }

    /// Adds links of another page as they are.
    mutating func append(_ positions: Range<Int>, of page: LinkPage) {
        let start = positions.lowerBound * LinkPage.recordByteCount
        let end = positions.upperBound * LinkPage.recordByteCount
        writer.append(contentsOf: UnsafeRawBufferPointer(rebasing: page.bytes[start..<end]))
    }

    /// The page's bytes.
    var bytes: [UInt8] { writer.bytes }
}
