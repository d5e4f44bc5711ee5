// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Matching
import Problems
import Storage
import Transfer

/// An error while a file was read, with the place.
struct ImportFault: Error {
    let file: String
    /// How many lines had been read; `nil` for a control file, which is read as a whole.
    let line: Int?
    let error: any Error
}

/// Why an import failed, and whether reading the same files again can't help.
struct ImportFailure {
    let problem: Problem
    /// Whether the files themselves are at fault.
    let isFinal: Bool

    /// Explains an error.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - account: The external account that was read.
    ///   - campaign: The installation.
    init(_ error: any Error, account: String, _ campaign: Campaign) {
        let fault = error as? ImportFault
        switch fault?.error ?? error {
        case let error as AudienceFileError:
            problem = Self.problem(error, fault)
            isFinal = !Self.isTransient(error)
        case let error as TransferError:
            problem = error.problem(of: account)
            isFinal = false
        case let error as Problem:
            problem = error
            isFinal = error.kind == .controlFileDisagrees || error.kind == .fileOfOtherSource
        default:
            let explained = SystemDatabase.problem(error, about: campaign.directory.campaignDatabase)
            problem =
                explained as? Problem ?? CampaignErrors.explain(error)
                ?? Problem(.importInterrupted, "The import was interrupted (\(type(of: error))).")
            isFinal = false
        }
    }

    private static func isTransient(_ error: AudienceFileError) -> Bool {
        switch error {
        case .readFailed, .writeFailed: true
        default: false
        }
    }

    private static func problem(_ error: AudienceFileError, _ fault: ImportFault?) -> Problem {
        let file = fault?.file ?? "of the set"
        let line = fault?.line.map { " after line \($0)" } ?? ""
        let isControlFile = fault?.line == nil
        return switch error {
        case .empty:
            isControlFile
                ? Problem(.controlFileDisagrees, "The control file \(file) is empty.")
                : Problem(.fileEmpty, "\(file) is empty.")
        case .truncatedGzip(let byte):
            Problem(.fileDamaged, "\(file) ends too early\(line): the gzip data breaks off at byte \(byte).")
        case .damagedGzip(let byte):
            Problem(.fileDamaged, "\(file) is damaged\(line): the gzip data is wrong near byte \(byte).")
        case .notGzip:
            Problem(.fileDamaged, "\(file) is named .gz, and its contents are not gzip.")
        case .unsupportedEncoding(let encoding):
            Problem(.fileEncoding, "\(file) is written in \(encoding), which is not read.")
        case .readFailed(let number):
            Problem(.accountUnreachable, "Reading \(file) failed\(line) (error \(number)).")
        case .writeFailed(let number):
            Problem(.diskFull, "Writing failed (error \(number)).")
        case .controlFile(let line, let column, _):
            Problem(
                .controlFileDisagrees,
                "The control file \(file) can't be read at line \(line), column \(column)."
            )
        case .controlFileTotals(_, let stated, let counted):
            Problem(
                .controlFileDisagrees,
                "The totals of the control file \(file) say \(stated), its entries come to \(counted)."
            )
        case .columnCount(let line, let expected, let actual):
            Problem(.fileDamaged, "\(file), line \(line): \(actual) columns instead of \(expected).")
        case .unwritableValue(let line, let column):
            Problem(.fileDamaged, "\(file), line \(line), column \(column): the value can't be written.")
        case .lineTooLong(let line, let limit):
            Problem(.fileDamaged, "\(file), line \(line) is longer than \(limit) bytes.")
        }
    }
}

extension ProblemKind {
    package static let fileEmpty = ProblemKind(
        "imports.file-empty",
        status: 422,
        meaning: "An audience file has no line, so it is refused and the audiences stay as they are.",
        advice: "Ask the partner to send the file again; an export without members is no file at all."
    )
    package static let fileDamaged = ProblemKind(
        "imports.file-damaged",
        status: 422,
        meaning: "An audience file breaks off or is damaged; nothing of it was published.",
        advice: "Ask the partner to send the file again under the same name; the next sync reads it."
    )
    package static let fileEncoding = ProblemKind(
        "imports.file-encoding",
        status: 422,
        meaning: "An audience file is not UTF-8 text or gzip.",
        advice: "Ask the partner to send UTF-8 text, plain or as gzip; OpenPGP and UTF-16 are not read."
    )
    package static let controlFileDisagrees = ProblemKind(
        "imports.control-file-disagrees",
        status: 422,
        meaning: "A control file and its data files don't agree, so the whole set is refused.",
        advice: "Ask the partner to send the files and the control file again; the next sync reads them."
    )
    package static let fileOfOtherSource = ProblemKind(
        "imports.file-of-other-source",
        status: 422,
        meaning:
            "No line of a file has an ID of the data source that its name gives, so the audiences stay as they are.",
        advice:
            "Check the data source's number, hash and key (`tallystick data-sources doctor`), and the file's name."
    )
    package static let setIncomplete = ProblemKind(
        "imports.set-incomplete",
        status: 409,
        meaning: "Parts of a split file are missing; the set waits and nothing of it was published.",
        advice: "Nothing needs to be done if the parts are still coming; otherwise ask the partner for them."
    )
    package static let setLeft = ProblemKind(
        "imports.set-left",
        status: 410,
        meaning: "Files that waited are no longer in their account, so nothing is expected of them any more.",
        advice: "Nothing needs to be done; if the files were wanted, ask the partner to send them again."
    )
    package static let fileSuperseded = ProblemKind(
        "imports.file-superseded",
        status: 409,
        meaning: "A file is older than the full file that was imported last, so it is left alone.",
        advice: "Nothing needs to be done; the newer file has replaced it."
    )
    package static let destinationDiffers = ProblemKind(
        "imports.destination-differs",
        status: 422,
        meaning:
            "A file's name gives the data source's number with another destination than the one defined.",
        advice:
            "Correct the destination with `tallystick data-sources edit ID --destination N`, or the file's name."
    )
    package static let listFailed = ProblemKind(
        "imports.list-failed",
        status: 500,
        meaning: "A list of addresses can't be read or written.",
        advice:
            "Check the free space of the data directory; a damaged list comes back with the next full file."
    )
    package static let importInterrupted = ProblemKind(
        "imports.interrupted",
        status: 500,
        meaning: "An import ended early for a reason of the machine; nothing of it was published.",
        advice: "Run `tallystick sync` again; the files are read anew."
    )
}
