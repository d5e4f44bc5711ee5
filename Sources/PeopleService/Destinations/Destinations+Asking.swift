// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

extension Destinations {
    /// Asks for a full file, which the next pass of a sync writes whether anything changed or not.
    ///
    /// - Parameter number: The destination.
    /// - Returns: When it was asked for, in milliseconds since 1970.
    /// - Throws: ``Problem`` of kind `people.destination-unknown`, or as ``confirmSpeaks(_:)`` where nothing would be
    ///   written.
    @discardableResult
    package func ask(_ number: Int) throws -> Int64 {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let time = service.world.milliseconds
        try service.write { database in
            try confirmSpeaks(number, in: database)
            try DestinationStore().ask(number, at: time, in: database)
        }
        return time
    }

    /// Refuses to tell a destination that has nothing to be told.
    ///
    /// - Throws: ``Problem`` of kind `people.destination-unknown`, `people.nothing-to-tell` or, where all is held back,
    ///   the reason for that.
    func confirmSpeaks(_ number: Int, in database: Database) throws {
        let destination = try DestinationStore().find(number, in: database)
        if destination.isPaused {
            throw Problem(
                .nothingToTell,
                "Destination \(number) is paused.",
                advice: "Run `tallystick people destinations resume \(number)` first."
            )
        }
        let isWaiting = try OutboundPlanStore().plan(of: number, in: database) != nil
        let change = try OutboundChange(destination, on: service.today, in: database)
        guard !isWaiting, change.isEmpty, change.mode(of: destination, askedFor: true) != .full else {
            return
        }
        if let obstacle = change.obstacles.first { throw obstacle }
        throw change.items.isEmpty
            ? Problem(
                .nothingToTell,
                "No segment is mapped to destination \(number).",
                advice: "Run `tallystick people destinations map \(number) SEGMENT` first."
            )
            : Problem(
                .nothingToTell,
                "No segment of destination \(number) has members under IDs of data source \(destination.keyDataSource), and its receiver has none."
            )
    }
}

extension ProblemKind {
    package static let nothingToTell = ProblemKind(
        "people.nothing-to-tell",
        status: 409,
        meaning: "A full file was asked for, and a file without lines is never written.",
        advice: "Look at `tallystick people destinations show`, and at the segments that are mapped."
    )
}
