// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import GRDB
import Problems

/// The names of an outbound run's files: never those of files that we published in the account before.
///
/// A template may tell the time to the second or to the day, and the clock may be set back.
struct OutboundNaming {
    /// How far the time in a name may run ahead, in milliseconds.
    private static let reach: Int64 = 60_000

    private let destination: Destination
    private let mode: Destination.Mode

    init(_ destination: Destination, _ mode: Destination.Mode) {
        self.destination = destination
        self.mode = mode
    }

    /// The first moment whose names are free.
    ///
    /// - Parameters:
    ///   - timestamp: The run's moment, in milliseconds since 1970.
    ///   - database: The database.
    /// - Returns: That moment or a later one of the next minute; `nil` where the names stay the same for longer.
    /// - Throws: ``Problem`` of kind `people.template-refused`, or what the database answers.
    func freeMoment(from timestamp: Int64, in database: Database) throws -> Int64? {
        let form = try OutboundForm(destination, in: database)
        var moment = timestamp
        while moment <= timestamp + Self.reach {
            let names = try form.template
                .fileNames(form.values(mode, at: moment), isGzip: destination.isGzip)
            let isTaken = try PublishedFiles.hold(
                [names.part(0), names.part(1), names.control],
                in: destination.account,
                database
            )
            if !isTaken { return moment }
            moment += 1_000
        }
        return nil
    }

    /// Why files wait whose names would be those of earlier ones.
    var obstacle: Problem {
        Problem(
            .outboundBlocked,
            """
            Destination \(destination.number) has had files of these names already; the next ones are written when the time in \
            their names has changed.
            """,
            advice: "Let the template's file name tell the time to the second: <TIMESTAMP>."
        )
    }

    /// Whether files that wait have names that were ours before, under which they could never be published.
    static func isTaken(_ plan: OutboundPlan, _ destination: Destination, in database: Database) throws
        -> Bool
    {
        try PublishedFiles.hold(plan.files.map(\.name), in: destination.account, database)
    }
}
