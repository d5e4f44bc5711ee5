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
    /// What their files call it; `nil` where the hub does not tell.
    let aliases: [String]?
    let size: Int
    let active: Bool
    /// When it last changed, in milliseconds since 1970.
    let modified: Int64

    /// What files call it, where they all call it the same; its number otherwise.
    var nameInFiles: String {
        guard let aliases, aliases.count == 1 else { return String(id) }
        return aliases[0]
    }

    /// Why no file brings the segment under a name, as the end of a sentence; `nil` where nothing is known to keep it back.
    func obstacle(as name: String) -> String? {
        if !active { return "is paused at the hub" }
        if destinationIds?.isEmpty == true {
            return "is mapped to no destination at the hub, so no file brings it"
        }
        guard let aliases, !aliases.contains(name) else { return nil }
        return "leaves the hub as \(aliases.joined(separator: ", ")), so no file brings it as \(name)"
    }
}
