// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import Matching
import Problems
import Storage
import Transfer

/// What a person can do about the errors of libraries, where no feature has said it better.
package enum CampaignErrors {
    /// Explains an error.
    ///
    /// - Parameter error: Any error.
    /// - Returns: A problem, or `nil` for a fault of the program.
    package static func explain(_ error: any Error) -> Problem? {
        switch error {
        case let problem as Problem: problem
        case let error as MatchingError: explain(error)
        case let error as TransferError: error.problem(of: "of this data directory")
        case AudienceFileError.writeFailed(let code): ofWriting(code)
        case let error as SortedListError: explain(error)
        case let error as CocoaError where error.code == .fileWriteOutOfSpace: ofWriting(ENOSPC)
        default: nil
        }
    }

    private static func explain(_ error: MatchingError) -> Problem? {
        switch error {
        case .file(_, let code):
            return ofWriting(code)
        case .indexFull(let limit):
            return Problem(.indexFull, "An index holds at most \(limit) IDs.")
        default:
            return nil
        }
    }

    private static func explain(_ error: SortedListError) -> Problem {
        if case .file(_, let code) = error, isFull(code) { return ofWriting(code) }
        return Problem(.listFailed, "A list can't be read or written (\(error)).")
    }

    private static func isFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }

    private static func ofWriting(_ code: Int32) -> Problem {
        isFull(code)
            ? Problem(.diskFull, "The disk is full; a file of the data directory could not grow.")
            : Problem(
                .dataNotWritable,
                "A file of the data directory can't be read or written (error \(code))."
            )
    }
}

extension ProblemKind {
    package static let indexFull = ProblemKind(
        "profiles.index-full",
        status: 507,
        meaning: "The base has more IDs than an index can hold.",
        advice: "Split the profiles over several data directories; nothing half-done was kept."
    )
}
