// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Deletions that have waited for more than 30 days, and why they still do.
struct OverdueDeletions {
    /// One of them.
    struct Entry {
        let request: PrivacyRequest
        /// For how many whole days it has waited.
        let days: Int
        /// Why it waits, for each destination that is in its way.
        let reasons: [String]
    }

    /// How many are named; the oldest come first.
    private static let limit = 20

    let entries: [Entry]

    /// Looks for them.
    ///
    /// - Parameters:
    ///   - now: The current time, in milliseconds since 1970.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(at now: Int64, in database: Database) throws {
        let store = PrivacyRequestStore()
        let overdue = try store.overdue(at: now, limit: Self.limit, in: database)
        guard !overdue.isEmpty else {
            entries = []
            return
        }
        let obstacles = try DeletionObstacles(in: database)
        entries = try overdue.map { request in
            Entry(
                request: request,
                days: request.days(until: now),
                reasons: obstacles.reasons(for: try store.waiting(request.number, in: database))
            )
        }
    }
}
