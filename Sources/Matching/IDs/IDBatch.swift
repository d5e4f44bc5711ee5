// SPDX-License-Identifier: Apache-2.0

/// A batch of texts (IDs, field values, addresses), joined in one run of bytes, that is filled again and again.
///
/// Not shared between threads. The length 0 means that there is no text at that place.
package final class IDBatch {
    let store: ByteStore
    // No access to these meets another one, so none is checked at run time for each text.
    @exclusivity(unchecked) private(set) package var offsets: [UInt32] = []
    @exclusivity(unchecked) private(set) package var lengths: [UInt32] = []

    /// Makes an empty batch.
    ///
    /// - Parameters:
    ///   - textCapacity: The number of texts to make room for.
    ///   - byteCapacity: The number of bytes to make room for.
    package init(textCapacity: Int = 0, byteCapacity: Int = 4096) {
        store = ByteStore(capacity: byteCapacity)
        offsets.reserveCapacity(textCapacity)
        lengths.reserveCapacity(textCapacity)
    }

    /// The number of texts.
    package var count: Int { offsets.count }

    /// All texts joined; valid until the batch changes.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: store.base, count: store.count)
    }

    /// The bytes of the text at a position; valid until the batch changes.
    package subscript(position: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: store.base + Int(offsets[position]), count: Int(lengths[position]))
    }

    /// The text at a position as a `String`; bytes that are not UTF-8 are replaced.
    ///
    /// - Parameter position: The place of the text, from 0.
    /// - Returns: The text.
    package func string(at position: Int) -> String { String(decoding: self[position], as: UTF8.self) }

    /// Adds one text at the end.
    ///
    /// - Parameter text: Its bytes.
    package func append(_ text: UnsafeRawBufferPointer) {
        let start = store.count
        store.append(text)
        note(start: start)
    }

    /// Adds one text at the end.
    ///
    /// - Parameter text: The text; stored as UTF-8.
    package func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Takes all texts out and keeps the memory.
    package func removeAll() {
        store.count = 0
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
    }

    /// Calls a function with the joined bytes and the places of all texts.
    ///
    /// - Parameter body: Is given all bytes, the offsets and the lengths.
    /// - Returns: What the function returns.
    /// - Throws: What the function throws.
    package func withTexts<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer, UnsafeBufferPointer<UInt32>, UnsafeBufferPointer<UInt32>)
            throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try offsets.withUnsafeBufferPointer { offsets throws(Failure) in
            try lengths.withUnsafeBufferPointer { lengths throws(Failure) in
                try body(bytes, offsets, lengths)
            }
        }
    }

    /// Makes a text of the bytes that were written to the store since a place.
    @inline(__always)
    func note(start: Int) {
        precondition(store.count <= Int(UInt32.max), "a batch has at most 4 GiB")
        offsets.append(UInt32(truncatingIfNeeded: start))
        lengths.append(UInt32(truncatingIfNeeded: store.count &- start))
    }
}
