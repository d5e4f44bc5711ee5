// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Problems

/// What is wrong with a file that comes in, in words for people.
enum InboundFault {
    /// The problem behind an error of reading.
    ///
    /// - Parameters:
    ///   - error: What the reader said.
    ///   - file: The name of the file.
    ///   - line: How many of its lines were read.
    /// - Returns: A problem of kind `people.file-refused`.
    static func problem(_ error: AudienceFileError, _ file: String, line: Int) -> Problem {
        let summary: String
        var advice: String?
        switch error {
        case .empty:
            summary = "\(file) is empty."
            advice = "An empty file says nothing; deliver it with at least one line, or not at all."
        case .unsupportedEncoding(.pgp):
            return encrypted(file)
        case .unsupportedEncoding:
            summary = "\(file) is not in UTF-8."
            advice = "Ask the partner for UTF-8, the only encoding of these files."
        case .notGzip:
            summary = "\(file) is damaged: it is named .gz, and its contents are not gzip."
            advice =
                "Ask the partner to send the whole file again, or without .gz in its name if it is plain text."
        case .truncatedGzip:
            summary = "\(file) ends in the middle of its gzip data, after \(line) lines."
            advice = "Ask the partner to send the whole file again."
        case .damagedGzip:
            summary = "\(file) is damaged: its gzip data does not add up after \(line) lines."
            advice = "Ask the partner to send the whole file again."
        case .columnCount(let number, let expected, let actual):
            summary = "Line \(number) of \(file) has \(actual) columns; its name says \(expected)."
            advice = "Ask the partner for a file whose name has a data source for each column."
        case .readFailed(let code):
            summary = "\(file) could not be read to its end (error \(code))."
            advice = "The next sync reads it again."
        default:
            summary = "\(file) can't be used (\(error))."
        }
        return Problem(.inboundFileRefused, summary, advice: advice)
    }

    /// The problem of a file that is an OpenPGP message, by its name or by its contents.
    ///
    /// - Parameters:
    ///   - file: The name of the file.
    ///   - isPacked: Whether gzip came before, which the format forbids.
    /// - Returns: A problem of kind `people.file-refused`.
    static func encrypted(_ file: String, isPacked: Bool = false) -> Problem {
        Problem(
            .inboundFileRefused,
            isPacked
                ? "\(file) was compressed with gzip and then encrypted: PGP compresses already, so this is no valid file."
                : "\(file) is encrypted with PGP, which is not read here.",
            advice:
                "Ask the partner to send it plain or compressed with gzip, over an account that encrypts the way (SFTP, or S3 over HTTPS). The file stays where it is."
        )
    }
}
