// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Transfer

extension TransferError {
    /// What happened, in a person's words.
    package var cause: String {
        switch self {
        case .vanished: "The folder is gone, or its disk is not mounted."
        case .notFound(let path): "There is no file \(path.name)."
        case .denied(let path, _): "The file system refuses access\(path.map { " to \($0.name)" } ?? "")."
        case .readOnly: "The file system is read-only."
        case .full: "The disk is full."
        case .lowSpace(let free, let wanted):
            "Only \(free / 1_000_000) MB are free, and \(wanted / 1_000_000) MB are wanted."
        case .unusablePath(let path): "The name \(path) can't be used."
        case .notAFile(let path): "\(path.name) is no file."
        case .notAFolder(let path): "\(path.name) is no folder."
        case .exists(let path): "There is a different file \(path.name) already."
        case .tooManyFiles(let limit): "The folder holds more than \(limit) files."
        case .tooDeep(let path, let limit): "\(path.name) lies more than \(limit) folders deep."
        case .changedWhileReading(let path): "The file \(path.name) changed while it was read."
        case .sizeDiffers(let path, let expected, let actual):
            "The file \(path.name) has \(actual) bytes instead of \(expected)."
        case .checksumDiffers(let path): "The file \(path.name) does not hold what was written."
        case .clockDiffers(let seconds): "The storage's clock differs by \(Int(seconds)) s."
        case .localFile(let number): "A file of the data directory can't be read (error \(number))."
        case .cancelled: "The work was cancelled."
        case .system(let operation, let path, let number):
            "The \(operation.rawValue) failed\(path.map { " for \($0.name)" } ?? "") (error \(number))."
        }
    }

    /// What to do about it.
    package var fix: String {
        switch self {
        case .vanished, .notAFolder: "Make or mount the folder, or give the account another path."
        case .denied: "Give the user that runs Tallystick the right to read and write in the folder."
        case .readOnly: "Mount the file system for writing, or give the account another path."
        case .full, .lowSpace: "Free some space."
        case .exists: "Move the other file away; Tallystick never overwrites what it did not write."
        case .tooManyFiles, .tooDeep: "Move old files away, or use a folder for this exchange alone."
        case .changedWhileReading: "Wait until the file is written completely; the next sync reads it."
        case .clockDiffers: "Set the clocks of both machines by NTP."
        case .cancelled: "Run the command again."
        case .notFound, .unusablePath, .notAFile, .sizeDiffers, .checksumDiffers, .localFile, .system:
            "Check the disk and its messages, then run the command again."
        }
    }

    /// The error as a problem of an external account.
    ///
    /// - Parameter account: The account's ID.
    /// - Returns: `data.disk-full` when there was no room, otherwise `accounts.unreachable`, with the cause and its remedy.
    package func problem(of account: String) -> Problem {
        let kind: ProblemKind =
            switch self {
            case .full: .diskFull
            default: .accountUnreachable
            }
        return Problem(kind, "\(Self.title(of: account))\(cause)", advice: fix)
    }

    fileprivate static func title(of account: String) -> String { "External account \(account): " }
}

extension Problem {
    /// The summary for a line that names the external account itself.
    ///
    /// - Parameter account: The account's ID.
    /// - Returns: The summary without the account at its beginning.
    package func summary(beside account: String) -> String {
        let title = TransferError.title(of: account)
        return summary.hasPrefix(title) ? String(summary.dropFirst(title.count)) : summary
    }
}
