// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Terminal

/// Everything that is known of an ID, for the person whom it stands for.
package struct AccessReport: Report {
    /// `found`, or `not found` when nobody has the ID.
    package let result: String
    /// The ID that was named, then those that it reaches.
    package let ids: [KnownID]

    init(ids: [KnownID]) {
        self.ids = ids
        result = ids.isEmpty ? "not found" : "found"
    }

    package var text: String {
        ids.isEmpty ? "not found: nobody has this ID" : ids.map(\.text).joined(separator: "\n\n")
    }
}

/// What is known of one ID.
package struct KnownID: Encodable {
    /// How often a trait was realized on a day.
    package struct Realization: Encodable {
        package let day: String
        package let count: Int
    }

    /// A trait with its days.
    package struct Trait: Encodable {
        package let trait: SID
        package let name: String
        package let days: [Realization]
    }

    /// A segment that the ID is in.
    package struct Segment: Encodable {
        package let segment: SID
        package let name: String
    }

    /// A link with another ID.
    package struct LinkedID: Encodable {
        package let dataSource: DataSourceNumber
        package let id: String
        package let lastSeen: String
        package let state: String

        init(dataSource: DataSourceNumber, id: String, _ link: Link) {
            self.dataSource = dataSource
            self.id = id
            lastSeen = Date(timeIntervalSince1970: Double(link.time)).formatted(.iso8601)
            state =
                switch link.state {
                case .unknown: "unknown"
                case .authenticated: "authenticated"
                case .loggedOut: "logged out"
                }
        }
    }

    package let dataSource: DataSourceNumber
    package let dataSourceName: String
    package let integrationCode: String?
    package let idType: String
    package let id: String
    /// Whether the request names it; false for a linked device.
    package let isAsked: Bool
    package var optedOut = false
    /// Whether it is deleted but for its text, which waits until every destination was told.
    package var deletionWaiting = false
    /// The last day with a sign of life, `YYYY-MM-DD` in UTC.
    package var lastSeen: String?
    package var traits: [Trait] = []
    package var segments: [Segment] = []
    package var links: [LinkedID] = []
    /// How many more IDs it is linked with, which are those of other people or not asked for.
    package var otherLinks = 0
    /// The destinations that hold it.
    package var destinations: [String] = []

    init(source: DataSource, id: String, isAsked: Bool) {
        dataSource = source.number
        dataSourceName = source.name
        integrationCode = source.integrationCode
        idType = source.idType.rawValue
        self.id = id
        self.isAsked = isAsked
    }

    fileprivate var text: String {
        var lines = ["\(dataSource):\(id)  \(dataSourceName), \(idType)"]
        if optedOut { lines.append("  opted out") }
        if deletionWaiting { lines.append("  deleted; destinations are still to be told") }
        if let lastSeen { lines.append("  last seen \(lastSeen)") }
        for trait in traits {
            let days = trait.days.map { $0.count == 1 ? $0.day : "\($0.day) ×\($0.count)" }
            lines.append("  trait \(trait.trait) \(trait.name): \(days.joined(separator: ", "))")
        }
        for segment in segments { lines.append("  segment \(segment.segment) \(segment.name)") }
        for link in links {
            lines.append("  linked with \(link.dataSource):\(link.id), \(link.state), \(link.lastSeen)")
        }
        if otherLinks > 0 { lines.append("  linked with \(otherLinks.grouped) more") }
        for destination in destinations { lines.append("  sent to \(destination)") }
        return lines.joined(separator: "\n")
    }
}
