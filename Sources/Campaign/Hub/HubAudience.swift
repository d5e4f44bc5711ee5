// SPDX-License-Identifier: Apache-2.0

/// A segment as the hub's API tells of it.
struct HubAudience: Codable, Sendable, Equatable {
    /// The number, as outbound files write it.
    let id: Int64
    let name: String
    /// The name of the data source that owns it.
    let source: String
    let dataSourceId: Int
    /// The number of the trait that inbound files name to share into it, if it is made for that.
    let traitId: Int64?
    /// The destinations whose files it leaves by; `nil` where the hub does not tell.
    let destinationIds: [Int]?
    let size: Int
    let active: Bool
    /// When it last changed, in milliseconds since 1970.
    let modified: Int64

    /// Why no file brings the segment, as the end of a sentence; `nil` where nothing is known to keep it back.
    var obstacle: String? {
        if !active { return "is paused at the hub" }
        return destinationIds?.isEmpty == true
            ? "is mapped to no destination at the hub, so no file brings it" : nil
    }
}
