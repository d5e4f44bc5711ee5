// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import Logging
import Problems
import Storage
import Transfer

/// What keeps one destination from being told, in words: it stays with that destination, and others go on.
struct OutboundFault {
    private let service: PeopleService

    init(_ service: PeopleService) {
        self.service = service
    }

    /// Explains an error.
    ///
    /// - Parameters:
    ///   - error: Any error of an outbound run.
    ///   - destination: The destination.
    /// - Returns: A problem; `nil` for what is not the destination's: the work was cancelled, or another process holds
    ///   the data directory.
    func problem(_ error: any Error, _ destination: Destination) -> Problem? {
        switch error {
        case is CancellationError, TransferError.cancelled:
            return nil
        case let problem as Problem:
            return problem.kind == .dataBusy ? nil : problem
        case let error as TransferError:
            return error.problem(of: destination.account)
        case let error as TemplateError:
            return error.problem(in: destination)
        case AudienceFileError.writeFailed(let code), AudienceFileError.readFailed(let code):
            return Self.ofWriting(code)
        case let error as CocoaError where error.code == .fileWriteOutOfSpace:
            return Self.ofWriting(ENOSPC)
        case AudienceFileError.unwritableValue(let position, _):
            return Problem(
                .destinationFailed,
                position == 0
                    ? "The word for the file names of destination \(destination.number) holds a control character."
                    : "The alias of the segment at place \(position) of destination \(destination.number) can't be written.",
                advice: "Give it another one."
            )
        default:
            // Its text may quote data, so only its type is told.
            let kind = String(reflecting: type(of: error))
            service.logger.error(
                "destination failed",
                metadata: ["destination": "\(destination.number)", "error": "\(kind)"]
            )
            return Problem(
                .destinationFailed,
                "Destination \(destination.number) can't be told: a fault that Tallystick has no words for (\(kind))."
            )
        }
    }

    private static func ofWriting(_ code: Int32) -> Problem {
        code == ENOSPC || code == EDQUOT
            ? Problem(.diskFull, "The disk of the data directory is full; nothing was sent.")
            : Problem(.dataNotWritable, "A file in the data directory can't be written (error \(code)).")
    }
}

extension ProblemKind {
    package static let destinationFailed = ProblemKind(
        "people.destination-failed",
        status: 500,
        meaning: "The files of one destination can't be written; other destinations go on.",
        advice:
            "Mend what is named; if it stays, report it with the words in parentheses. The next pass tries again."
    )
}
