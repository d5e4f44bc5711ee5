// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Why a destination is told now.
enum OutboundOccasion: Equatable {
    /// Files wait for its account; nothing else is due.
    case waiting
    /// Whatever changed is told at once.
    case change
    /// Its time of the day has come.
    case day
    /// Somebody asked for a full file.
    case asked

    /// Finds out whether there is an occasion to tell a destination.
    ///
    /// - Parameters:
    ///   - destination: The destination.
    ///   - now: The current time, in milliseconds since 1970.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init?(of destination: Destination, at now: Int64, in database: Database) throws {
        guard !destination.isPaused else { return nil }
        guard try DestinationStore().asked(destination.number, in: database) == nil else {
            self = .asked
            return
        }
        let isWaiting = try OutboundPlanStore().plan(of: destination.number, in: database) != nil
        switch destination.schedule {
        case .onChange:
            self = .change
            return
        case .daily(let minute):
            if try Self.isDue(minute, destination, at: now, in: database) {
                self = .day
                return
            }
        case .onDemand:
            break
        }
        if isWaiting {
            self = .waiting
            return
        }
        // Files that were taken back were due already: others are owed instead.
        let last = try ReceiptStore().latest(of: destination.number, in: database)
        guard let last, try ReceiptStore().isUnfinished(last, destination, in: database) else { return nil }
        self = destination.schedule == .onDemand ? .asked : .change
    }

    /// Whether the latest moment of the schedule has passed since the last file was written.
    ///
    /// Before the first file the day of creation counts from its beginning. No pass has to run between that moment and
    /// midnight.
    private static func isDue(
        _ minute: Int,
        _ destination: Destination,
        at now: Int64,
        in database: Database
    ) throws -> Bool {
        let day: Int64 = 86_400_000
        let today = now - now % day + Int64(minute) * 60_000
        let latest = today <= now ? today : today - day
        let row = try Row.fetchOne(
            database,
            sql: "SELECT written, created FROM destinations WHERE number = ?",
            arguments: [destination.number]
        )
        guard let row else { return false }
        if let written = row["written"] as Int64? { return written < latest }
        let created: Int64 = row["created"]
        return created - created % day <= latest
    }
}
