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
        let findings = try campaign.read { try AudienceStore().list(limit: .max, in: $0) }
            .compactMap { audience in finding(audience, audiences) }
        return findings.isEmpty
            ? [Finding("hub", .ok, "\(audiences.count) segments at \(settings.url)")] : findings
    }

    private func finding(_ audience: Audience, _ known: [HubAudience]) -> Finding? {
        guard let segment = audience.definition?.segment else { return nil }
        let name = "audience \(audience.id)"
        let found =
            known.first { $0.aliases?.contains(segment) == true } ?? known.first { String($0.id) == segment }
        guard let found else {
            // A hub that tells no aliases may know this one.
            guard segment.allSatisfy(\.isNumber) || known.allSatisfy({ $0.aliases != nil }) else {
                return nil
            }
            return Finding(
                name,
                .warning,
                "the hub has no segment \(segment)",
                fix: "Run `tallystick hub audiences` to see its segments."
            )
        }
        return found.obstacle(as: segment).map { obstacle in
            Finding(name, .warning, "segment \(segment) \(obstacle)", fix: fix(found))
        }
    }

    private func fix(_ segment: HubAudience) -> String {
        if !segment.active { return "At the hub, run `tallystick people segments resume \(segment.id)`." }
        guard segment.destinationIds?.isEmpty == false else {
            return "At the hub, run `tallystick people destinations map DESTINATION \(segment.id)`."
        }
        return "Define it by the alias: `tallystick audiences define --segment \(segment.nameInFiles) …`."
    }
}
