// SPDX-License-Identifier: Apache-2.0

/// What is the same in all files of one export.
package struct OutboundValues: Sendable, Hashable {
    /// What the IDs of the key data source are.
    package enum Key: Sendable, Hashable, CaseIterable {
        /// IDs that the customer chose: the lines start with `DP_UUID`.
        case declaredID

        /// Visitor IDs: the lines start with `MCID`.
        case visitorID
    }

    /// The way the files are sent.
    package var syncType: SyncType

    /// Whether the files hold a whole set or changes.
    package var mode: SyncMode

    /// The number of the destination, also called order.
    package var destination: Int

    /// The number of the data source that the IDs belong to.
    package var keyDataSource: Int

    /// What these IDs are.
    package var key: Key

    /// The number of the data provider, `DPID`.
    package var dataProvider: Int

    /// The number of the partner, `PID`.
    package var partner: Int

    /// The destination's alias.
    package var alias: String?

    /// The moment of the export in milliseconds since 1970, UTC.
    package var timestamp: Int64

    /// How the moment is written where the template asks for no format: 10 digits for seconds, else 13.
    package var timestampPrecision: TimestampPrecision

    /// Values made from their parts; the data provider is that of the IDs if none is given.
    package init(
        syncType: SyncType,
        mode: SyncMode,
        destination: Int,
        keyDataSource: Int,
        key: Key,
        dataProvider: Int? = nil,
        partner: Int = 0,
        alias: String? = nil,
        timestamp: Int64,
        timestampPrecision: TimestampPrecision = .milliseconds
    ) {
        self.syncType = syncType
        self.mode = mode
        self.destination = destination
        self.keyDataSource = keyDataSource
        self.key = key
        self.dataProvider = dataProvider ?? keyDataSource
        self.partner = partner
        self.alias = alias
        self.timestamp = timestamp
        self.timestampPrecision = timestampPrecision
    }

    /// The text that a value is written as.
    func text(_ value: TemplateValue) -> String {
        switch value {
        case .dataProvider: String(dataProvider)
        case .keyDataSource: String(keyDataSource)
        case .destination: String(destination)
        case .partner: String(partner)
        case .alias: alias ?? ""
        case .mode: mode.rawValue
        case .syncType: syncType.rawValue
        }
    }

    /// The moment as text.
    func timestampText(_ format: TimestampFormat?) -> String {
        if let format { return format.text(timestamp) }
        return timestampPrecision == .seconds
            ? DecimalDigits.text(timestamp / 1000, padded: 10) : DecimalDigits.text(timestamp, padded: 13)
    }
}
