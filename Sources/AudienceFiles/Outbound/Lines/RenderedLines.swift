// SPDX-License-Identifier: Apache-2.0

/// Lines that were rendered and not written yet, in memory that is used again.
// @unchecked: one owner at a time, the worker that fills it, then the writer that reads it.
package final class RenderedLines: @unchecked Sendable {
    var cursor: LineCursor

    /// The number of lines.
    package internal(set) var count = 0

    /// No lines, with room for so many bytes.
    package init(byteCount: Int = 1 << 20) {
        cursor = LineCursor(capacity: byteCount)
    }

    deinit {
        cursor.base.deallocate()
    }

    /// The lines, each with its newline; valid until lines are added or removed.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: cursor.base, count: cursor.count)
    }

    /// Forgets the lines and keeps the memory.
    package func removeAll() {
        cursor.count = 0
        count = 0
    }
}
