// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Matching
import Problems
import Storage

extension Problem {
    /// What a person can do about an error of an export; other errors pass unchanged.
    ///
    /// - Parameters:
    ///   - error: Any error.
    ///   - list: The file of the list that was being read, for the text.
    /// - Returns: A ``Problem``, or the same error.
    static func ofExport(_ error: any Error, list: String?) -> any Error {
        switch error {
        case let error as SortedListError: ofList(error, list)
        case AudienceFileError.writeFailed(let number): ofWriting(number)
        default: error
        }
    }

    private static func ofList(_ error: SortedListError, _ list: String?) -> any Error {
        switch error {
        case .file(.write, let number), .file(.flush, let number), .file(.rename, let number):
            ofWriting(number)
        case .file, .notAList, .version, .truncated, .damaged:
            Problem(
                .sharedListDamaged,
                "The list of what was shared before, \(list ?? "in lists/"), can't be read or is damaged."
            )
        case .stringLength, .unordered, .threads:
            error
        }
    }

    private static func ofWriting(_ number: Int32) -> Problem {
        number == ENOSPC || number == EDQUOT
            ? Problem(.diskFull, "The disk of the data directory is full; nothing was shared.")
            : Problem(.dataNotWritable, "A file in the data directory can't be written (error \(number)).")
    }
}

extension ProblemKind {
    package static let sharedListDamaged = ProblemKind(
        "exports.list-damaged",
        status: 500,
        meaning: "The list of IDs that were shared into a segment is missing or damaged.",
        advice: """
            Restore `lists/` from a backup, or share again with --resend: every ID is sent as new, and members who \
            left since are not removed.
            """
    )
    package static let shrinkRefused = ProblemKind(
        "exports.shrink-refused",
        status: 409,
        meaning: "A replacing share would empty the segment, or remove more than half of it.",
        advice: "Check the audience; if it is right, run `tallystick audiences share` with --allow-shrink."
    )
}
