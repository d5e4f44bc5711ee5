// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// Segments by their names at the hub.
struct HubSegments {
    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// A client with the stored settings.
    ///
    /// - Throws: ``Problem`` of kind `hub.not-set` or `secrets.unreadable`.
    func client() throws -> HubClient {
        guard let settings = try HubSettings.stored(campaign) else {
            throw Problem(.hubNotSet, "Nobody has said yet where the hub is.")
        }
        return HubClient(settings)
    }

    /// The segment that somebody means.
    ///
    /// - Parameter text: Its number, its name at the hub, or an alias as the files write it.
    /// - Returns: What files call it, and why none brings it, where the hub says so. Without a hub, or where one can't be
    ///   asked for a number, the text.
    /// - Throws: ``Problem`` of kind `hub.segment-unknown` where the name is that of several, or can be no alias; or as
    ///   the client does.
    func pick(_ text: String) async throws -> (id: String, obstacle: String?) {
        let isNumber = text.allSatisfy { $0.isASCII && $0.isNumber }
        let isAlias = text.wholeMatch(of: /[A-Za-z0-9_.-]{1,255}/) != nil
        guard try HubSettings.stored(campaign) != nil else {
            guard isAlias else { throw Problem(.hubNotSet, "Segments are picked by name at the hub only.") }
            return (text, nil)
        }
        let found: [HubAudience]
        do {
            found = try await client().audiences(search: text, limit: 10_000).audiences
        } catch is Problem where isNumber {
            return (text, nil)
        }
        let inFiles =
            found.first { $0.aliases?.contains(text) == true } ?? found.first { String($0.id) == text }
        if let inFiles { return (text, inFiles.obstacle(as: text)) }
        let named = found.filter { $0.name == text }
        guard named.count < 2 else {
            let numbers = named.map { String($0.id) }.joined(separator: ", ")
            throw Problem(
                .hubSegmentUnknown,
                "The hub has \(named.count) segments of this name: \(numbers).",
                field: "segment"
            )
        }
        if let named = named.first {
            return (named.nameInFiles, named.obstacle(as: named.nameInFiles))
        }
        guard isAlias else {
            throw Problem(.hubSegmentUnknown, "The hub has no segment of this name.", field: "segment")
        }
        return (text, "is unknown to the hub by number, name and alias, so no file brings it")
    }

    /// Makes sure that a name has a number to share into: the hub's, where Campaign knows a hub.
    ///
    /// - Parameters:
    ///   - name: The segment's name.
    ///   - source: The shared data source whose IDs are sent.
    /// - Throws: ``Problem`` of kind `hub.segment-unknown` where the segment is made of something else than what is
    ///   shared; or as the client does.
    func prepare(_ name: String, for source: SharedDataSource.ID) async throws {
        guard let number = try numberToAsk(name, for: source) else { return }
        let client = try client()
        let audience =
            if let made = try await client.make(name, dataSource: number) {
                made
            } else {
                try await find(name, number, client)
            }
        let trait = try trait(of: audience)
        try campaign.write { try SegmentStore().add(trait, named: name, in: $0) }
    }

    /// What sharing into a segment of this name would mean, without making anything.
    ///
    /// - Parameters:
    ///   - name: The segment's name.
    ///   - source: The shared data source whose IDs would be sent.
    /// - Returns: The segment: by its number at the hub, or as one that the hub would make; by its name where it has a
    ///   number here, or where Campaign knows no hub.
    /// - Throws: As ``prepare(_:for:)``.
    func foretell(_ name: String, for source: SharedDataSource.ID) async throws -> Shares.Target {
        guard let number = try numberToAsk(name, for: source) else { return .name(name) }
        guard let audience = try await find(name, number, client()) else { return .newAtHub(name) }
        return .number(try trait(of: audience))
    }

    /// The number of the data source with which to ask the hub for a segment; `nil` where it need not be asked.
    private func numberToAsk(_ name: String, for source: SharedDataSource.ID) throws -> Int? {
        guard try HubSettings.stored(campaign) != nil else { return nil }
        let (isKnown, dataSource) = try campaign.read { database in
            (
                try SegmentStore().isKnown(name, in: database),
                try SharedDataSourceStore(campaign).find(source, in: database)
            )
        }
        guard !isKnown else { return nil }
        guard let number = dataSource.number else {
            throw Problem(
                .hubSegmentUnknown,
                "\(source) has no number, by which the hub would know its IDs.",
                advice: "Give the segment's number with --segment.",
                field: "data-source"
            )
        }
        return number
    }

    private func find(_ name: String, _ number: Int, _ client: HubClient) async throws -> HubAudience? {
        try await client.audiences(search: name, limit: 10_000).audiences
            .first { $0.name == name && $0.dataSourceId == number }
    }

    /// The trait by which to share into a segment.
    private func trait(of audience: HubAudience?) throws -> Int64 {
        guard let trait = audience?.traitId else {
            throw Problem(
                .hubSegmentUnknown,
                "The hub's segment of this name is made by a rule; nothing can be shared into it.",
                advice: "Choose another name.",
                field: "segment-name"
            )
        }
        return trait
    }
}
