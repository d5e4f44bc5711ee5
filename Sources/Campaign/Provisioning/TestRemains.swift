// SPDX-License-Identifier: Apache-2.0

import Problems
import Provisioning
import Storage

/// What a provisioning test leaves in Campaign when it is killed: audiences and synthetic profiles.
struct TestRemains {
    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Removes what a test of a request left.
    ///
    /// - Parameter request: The request's ID.
    /// - Returns: What was removed, for people.
    /// - Throws: What the database answers.
    func remove(of request: String) throws -> [String] {
        let people = SyntheticPeople(of: request)
        var removed: [String] = []
        for label in [people.out, people.back] where try removeAudience(label) {
            removed.append("audience “\(label)”")
        }
        let profiles = try SyntheticPeople.externalIDs.reduce(0) { try $0 + removeProfiles($1) }
        if profiles > 0 { removed.append("\(profiles) synthetic profiles") }
        if !removed.isEmpty { try Leftovers(campaign).remove() }
        return removed
    }

    private func removeAudience(_ label: String) throws -> Bool {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try campaign.write { database in
            do {
                let audience = try AudienceStore().find(label, in: database)
                try AudienceStore().delete(audience, isForced: true, in: database)
                return true
            } catch let problem as Problem where problem.kind == .audienceUnknown {
                return false
            }
        }
    }

    private func removeProfiles(_ id: String) throws -> Int {
        do {
            return try ProfileDeletion(campaign).delete(SyntheticPeople.keyField, id, isPlural: true)
        } catch let problem as Problem where problem.kind == .profileUnknown {
            return 0
        }
    }
}
