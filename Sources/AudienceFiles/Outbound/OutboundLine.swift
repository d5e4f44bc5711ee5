// SPDX-License-Identifier: Apache-2.0

/// What one line is made of; all buffers stay the caller's.
package struct OutboundLine {
    /// The ID in the key data source.
    package var id: UnsafeRawBufferPointer

    /// The segments that the person is in, as positions in the renderer's list.
    package var added: UnsafeBufferPointer<UInt32>

    /// The segments that the person was removed from, as positions in the renderer's list.
    package var removed: UnsafeBufferPointer<UInt32>

    /// When each of the added segments was realized last, in milliseconds since 1970; may be empty.
    package var realizationTimes: UnsafeBufferPointer<Int64>

    /// The number under which ``OutboundLineDetails`` know the person.
    package var person: Int

    /// A line made from its parts.
    @inlinable
    package init(
        id: UnsafeRawBufferPointer,
        added: UnsafeBufferPointer<UInt32>,
        removed: UnsafeBufferPointer<UInt32> = UnsafeBufferPointer(start: nil, count: 0),
        realizationTimes: UnsafeBufferPointer<Int64> = UnsafeBufferPointer(start: nil, count: 0),
        person: Int = 0
    ) {
        self.id = id
        self.added = added
        self.removed = removed
        self.realizationTimes = realizationTimes
        self.person = person
    }
}
