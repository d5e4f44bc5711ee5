// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Transfer

extension TransferError {
    /// What happened, in a person's words.
    package var cause: String {
        switch self {
        case .vanished: "The folder of the account is not there."
        case .notFound(let path): "There is no file \(path.name)."
        case .denied(let path, _): "The storage refuses access\(path.map { " to \($0.name)" } ?? "")."
        case .readOnly: "The storage is read-only."
        case .full: "The disk is full."
        case .lowSpace(let free, let wanted):
            "The disk is full. \(free) bytes are free, and \(wanted) are wanted."
        case .unusablePath(let path): "The name \(path) can't be used."
        case .notAFile(let path):
            "\(path.name) is no regular file; folders, symbolic links and pipes are not read as files."
        case .notAFolder(let path): "\(path.name) is no folder."
        case .exists(let path): "There is a different file \(path.name) already."
        case .tooManyFiles(let limit): "The folder holds more than \(limit) files."
        case .tooDeep(let path, let limit): "\(path.name) lies more than \(limit) folders deep."
        case .changedWhileReading(let path): "The file \(path.name) changed while it was read."
        case .sizeDiffers(let path, let expected, let actual):
            "The file \(path.name) has \(actual) bytes instead of \(expected)."
        case .checksumDiffers(let path): "The file \(path.name) does not hold what was written."
        case .nameUnknown(let host): "The name \(host) stands for no address."
        case .unreachable(let host, let number): "\(host) accepts no connection (error \(number))."
        case .timedOut(let seconds): "The storage did not answer within \(Int(seconds)) s."
        case .disconnected: "The connection broke off."
        case .hostKeyUnknown(let presented):
            "The server shows the host key \(presented), which nobody confirmed."
        case .hostKeyChanged(let presented, let pinned):
            "The server shows the host key \(presented) instead of \(pinned.joined(separator: " or "))."
        case .tlsRefused(let reason): "There is no secure connection: \(reason)."
        case .signInRefused(let detail):
            "The server does not let us in\(detail.isEmpty ? "" : " (\(detail))")."
        case .privateKeyUnusable: "The private key can't be read, or its passphrase is another one."
        case .regionDiffers(let named, let actual): "The bucket is in the region \(actual), not \(named)."
        case .bucketUnknown(let bucket): "There is no bucket \(bucket)."
        case .throttled: "The storage asks us to slow down."
        case .refused(let status, let code): "The storage answered \(status) \(code)."
        case .protocolFault(let detail): "The storage's answer can't be understood: \(detail)."
        case .clockDiffers(let seconds):
            "The storage's clock is \(Int(abs(seconds))) s \(seconds > 0 ? "ahead of" : "behind") this machine's."
        case .localFile(let number): "A file of the data directory can't be read (error \(number))."
        case .localFull: "The disk of the data directory is full."
        case .cancelled: "The work was cancelled."
        case .system(let operation, let path, let number):
            "The \(operation.rawValue) failed\(path.map { " for \($0.name)" } ?? "") (error \(number))."
        }
    }

    /// What to do about it.
    package var fix: String {
        switch self {
        case .vanished, .notAFolder: "Make the folder, or mount its disk, or give the account another path."
        case .denied:
            "Have the account's user or access key given the right to read and write there; in a folder, the user that runs Tallystick."
        case .readOnly: "Mount the file system for writing, or give the account another path."
        case .full, .lowSpace: "Free some space. On a partner's server, ask the partner for it."
        case .localFull: "Free some space."
        case .exists: "Move the other file away; Tallystick never overwrites what it did not write."
        case .tooManyFiles, .tooDeep: "Move old files away, or use a folder for this exchange alone."
        case .changedWhileReading: "Wait until the file is written completely; the next sync reads it."
        case .clockDiffers: "Set the clocks of both machines by NTP."
        case .cancelled: "Run the command again."
        case .nameUnknown: "Correct the server's name, or ask your network's administrator about its DNS."
        case .unreachable, .timedOut:
            "Check host and port; ask the partner whether the server runs and allows your address."
        case .disconnected, .throttled: "Nothing to do at once; the next sync tries again."
        case .hostKeyUnknown: "Compare it with what the partner says, and confirm it with --host-key."
        case .hostKeyChanged:
            """
            Ask the partner, by another way than this server, whether and to what it changed its host key; if it did, run \
            `tallystick accounts edit ID --host-key SHA256:…` with what the partner says.
            """
        case .tlsRefused:
            """
            Check the endpoint, and ask its owner about the certificate; where an authority of your own signed it, give \
            that one's certificate with --ca-file.
            """
        case .signInRefused:
            "Check user, password and key, or access key ID and secret, with the partner; they may have expired."
        case .privateKeyUnusable: "Give the private key in OpenSSH format, and its passphrase if it has one."
        case .regionDiffers(_, let actual): "Give the account --region \(actual)."
        case .bucketUnknown: "Correct the receiver server, or ask its owner to make the bucket."
        case .refused, .protocolFault: "Check the account's settings, then ask the storage's owner."
        case .notFound, .unusablePath, .notAFile, .sizeDiffers, .checksumDiffers, .localFile, .system:
            "Check the disk and its messages, then run the command again."
        }
    }

    /// The error as a problem of an external account.
    ///
    /// - Parameter account: The account's ID.
    /// - Returns: `data.disk-full` when there was no room, `accounts.file-taken` when another file has the name, a kind of
    ///   its own for host keys, otherwise `accounts.unreachable`, with the cause and its remedy.
    package func problem(of account: String) -> Problem {
        let kind: ProblemKind =
            switch self {
            case .full, .localFull, .lowSpace: .diskFull
            case .hostKeyChanged: .hostKeyChanged
            case .hostKeyUnknown: .hostKeyUnconfirmed
            case .exists: .accountFileTaken
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
