// SPDX-License-Identifier: Apache-2.0

/// How files of an export are written, and what an export may do without asking.
package struct ShareOptions: Sendable {
    /// Whether files are compressed.
    package var isGzip = true

    /// The largest size of a file in bytes of text, before compression.
    package var splitByteCount = 1_000_000_000

    /// Whether a segment may be emptied, or shrink by more than half.
    package var allowsShrinking = false

    /// Whether every ID is sent again, as if nothing had been shared before.
    package var isResending = false

    package init() {}

    /// Options of a share that is due again: files as they were asked for, and nothing that needs asking.
    init(_ share: Share) {
        isGzip = share.isGzip
        splitByteCount = share.splitByteCount
    }
}
