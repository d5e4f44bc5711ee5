// SPDX-License-Identifier: Apache-2.0

/// The name of a file that the audience-management system writes for one destination.
///
/// The form is `[SYNC_TYPE]_[DID]_[MASTER_DPID][_PID_ALIAS]_[SYNC_MODE]_[TIMESTAMP][SPLIT].sync[.gz]`
/// (Audience Manager, "outbound data file names"), for example
/// `S3_1234_20914_XYZCustomer_iter_1486140844000001.sync.gz`.
package struct OutboundFileName: Sendable, Hashable {
    /// The name as it was written, without a folder.
    package let name: String

    /// The way the file was sent.
    package let syncType: SyncType

    /// The number of the destination, also called order.
    package let destination: Int

    /// The number of the data source that the IDs belong to.
    package let keyDataSource: Int

    /// The destination's alias, when the name has one that is not empty.
    package let alias: String?

    /// Whether the file holds a whole set or changes.
    package let mode: SyncMode

    /// The moment of the export in milliseconds since 1970, UTC.
    package let timestamp: Int64

    /// The ten or thirteen digits that give the moment, as written.
    package let timestampDigits: String

    /// The number of this part: 0 when the name gives none, 1 for a glued `001` and for `-1`.
    ///
    /// A system that glues writes parts 0, 1, 2; one that writes `-1`, `-2` may leave 0 out.
    package let part: Int

    /// What the file holds, by the extension: `sync`, `csv`, `txt`, `json` or `info`, in lower case.
    package let fileExtension: String

    /// Whether the name ends in `.gz`.
    package let isGzip: Bool

    /// Whether the file describes the others of its set instead of being one of them.
    package var isControlFile: Bool { fileExtension == "info" }

    /// What the parts of one export and their control file have in common.
    package struct SetKey: Sendable, Hashable {
        /// The number of the destination.
        package let destination: Int

        /// The number of the data source that the IDs belong to.
        package let keyDataSource: Int

        /// Whether the files hold a whole set or changes.
        package let mode: SyncMode

        /// The moment of the export in milliseconds since 1970, UTC.
        package let timestamp: Int64

        /// A key made from its four parts.
        package init(destination: Int, keyDataSource: Int, mode: SyncMode, timestamp: Int64) {
            self.destination = destination
            self.keyDataSource = keyDataSource
            self.mode = mode
            self.timestamp = timestamp
        }
    }

    /// The set that this file belongs to.
    package var setKey: SetKey {
        SetKey(destination: destination, keyDataSource: keyDataSource, mode: mode, timestamp: timestamp)
    }

    /// Whether both names come from the same export, even if a control file gives the other mode.
    ///
    /// The vendor's own example pairs an `iter` data file with a `full` control file, so a control
    /// file that finds no set by ``setKey`` is looked up by destination and moment alone.
    package func isSameExport(as other: OutboundFileName) -> Bool {
        destination == other.destination && timestamp == other.timestamp
    }
}
