// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Terminal

/// Why deletions wait: destinations that have IDs and were not told yet that these are gone.
struct DeletionObstacles {
    private struct Holder {
        let destination: Destination
        let held: MemberSet
        /// Those that its template can't name, so that nothing can be said of them.
        let unwritten: MemberSet
        let reason: String
    }

    private let holders: [Holder]

    /// Looks at what destinations have.
    init(in database: Database) throws {
        let store = DestinationStore()
        holders = try store.list(limit: Destination.limit, in: database).map { destination in
            let sent = try store.mappings(of: destination.number, in: database)
                .map { try store.sent($0.segment, to: destination.number, in: database) }
            return Holder(
                destination: destination,
                held: MemberSet.union(of: sent),
                unwritten: try store.unwritten(of: destination.number, in: database),
                reason: try Self.reason(destination, in: database)
            )
        }
    }

    /// Why a request waits, a phrase for each destination; what comes next where none is in its way.
    func reasons(for waiting: MemberSet) -> [String] {
        let reasons = holders.compactMap { holder -> String? in
            let count = holder.held.intersectionCount(waiting)
            guard count > 0 else { return nil }
            let name = "destination \(holder.destination.number) “\(holder.destination.name)”"
            let unwritten = holder.held.intersection(waiting).intersectionCount(holder.unwritten)
            let reason =
                unwritten > 0
                ? "has a template that can't name \(unwritten.grouped) of them" : holder.reason
            return "\(name) has \(count.grouped) of the IDs and \(reason)"
        }
        return reasons.isEmpty ? ["texts are wiped by the next sync"] : reasons
    }

    private static func reason(_ destination: Destination, in database: Database) throws -> String {
        if destination.isPaused { return "is paused" }
        if let plan = try OutboundPlanStore().plan(of: destination.number, in: database) {
            return "its files wait for the account \(destination.account) (receipt P\(plan.receipt))"
        }
        switch destination.schedule {
        case .onDemand: return "is told on demand only (`people destinations tell \(destination.number)`)"
        case .daily: return "is told every day at \(destination.schedule.text) UTC"
        case .onChange: return "is told by the next sync"
        }
    }
}
