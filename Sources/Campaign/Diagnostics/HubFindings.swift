// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Terminal

/// What the hub tells about the segments that audiences follow, where Campaign knows a hub.
///
/// A segment without a destination, or a paused one, leaves by no file, and nobody would be told.
struct HubFindings {
    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Asks the hub.
    ///
    /// - Returns: One finding for each segment that no file brings, or one for the hub; none without a hub.
    /// - Throws: What the database answers.
    func list() async throws -> [Finding] {
        guard let settings = try HubSettings.stored(campaign) else { return [] }
        let audiences: [HubAudience]
        do {
            audiences = try await HubClient(settings).audiences(search: nil, limit: 20_000).audiences
        } catch let problem as Problem {
            return [Finding("hub", problem)]
        }
        let known = Dictionary(audiences.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let findings = try campaign.read { try AudienceStore().list(limit: .max, in: $0) }
            .compactMap { audience in finding(audience, known) }
        return findings.isEmpty
            ? [Finding("hub", .ok, "\(known.count) segments at \(settings.url)")] : findings
    }

    private func finding(_ audience: Audience, _ known: [Int64: HubAudience]) -> Finding? {
        // An alias is known to the hub's destinations only.
        guard let segment = audience.definition?.segment, let number = Int64(segment) else { return nil }
        let name = "audience \(audience.id)"
        guard let found = known[number] else {
            return Finding(
                name,
                .warning,
                "the hub has no segment \(segment)",
                fix: "Run `tallystick hub audiences` to see its segments."
            )
        }
        return found.obstacle.map { obstacle in
            Finding(
                name,
                .warning,
                "segment \(segment) \(obstacle)",
                fix: found.active
                    ? "At the hub, run `tallystick people destinations map DESTINATION \(segment)`."
                    : "At the hub, run `tallystick people segments resume \(segment)`."
            )
        }
    }
}
