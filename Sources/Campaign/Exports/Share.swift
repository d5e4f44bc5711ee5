// SPDX-License-Identifier: Apache-2.0

import Storage

/// An audience that is shared into a segment through a shared data source, now and whenever it changes.
package struct Share: Sendable, Equatable {
    /// The number under which the database keeps it.
    let id: Int64

    /// The audience in Campaign.
    package let audience: Audience.ID

    /// The segment's number at the hub.
    package let segment: Int64

    /// The shared data source whose IDs are sent.
    package let dataSource: SharedDataSource.ID

    /// Whether IDs that are no longer members are removed from the segment, otherwise IDs are only added.
    package let isReplacing: Bool

    /// Whether files are compressed.
    let isGzip: Bool

    /// The largest size of a file in bytes of text, before compression.
    let splitByteCount: Int

    /// The version of the audience that was shared last, -1 before the first time.
    let sharedVersion: Int64

    /// The count of changes of profiles at that time, -1 before the first time.
    let sharedChange: Int64
}

/// What the other side holds of a segment by what was shared into it through a data source.
struct SharedList: Sendable, Equatable {
    /// The name of the sorted list of IDs, in the data directory's `lists/`.
    let file: String

    /// How many IDs it has.
    let count: Int
}
