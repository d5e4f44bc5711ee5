// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// The rows of one load that were refused, kept as CSV: line, column, reason, hint, and the row as it was.
///
/// The file holds personal data: it lies in the data directory and goes with the retention of rejected lines.
final class RejectedRows {
    /// A row for a report, without its content.
    struct Sample: Encodable {
        let line: Int
        let column: String
        let reason: String
    }

    /// The first refused rows.
    private(set) var samples: [Sample] = []

    /// How many rows were refused for each reason.
    private(set) var reasons: [String: Int] = [:]

    /// The path of the file; `nil` when no row was refused.
    var path: String? { isKept ? finalPath : nil }

    private static let sampleCount = 20
    private static let flushByteCount = 1 << 18

    private let finalPath: String
    private var descriptor: Int32 = -1
    private var writer = CSVWriter()
    private var isKept = false

    /// Prepares a file; it is made with the first refused row.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - name: What was loaded, for the file's name.
    init(_ campaign: Campaign, named name: String) {
        let moment = Moment.text(campaign.world.milliseconds).filter { $0.isLetter || $0.isNumber }
        // Two loads may begin in the same millisecond.
        finalPath = "\(campaign.directory.rejected)/\(name)-\(moment)-\(campaign.world.randomHex(2)).csv"
    }

    /// Keeps a refused row.
    func append(_ rejection: ProfileLoadBatch.Rejection, _ record: CSVRecord) throws {
        if descriptor < 0 { try create() }
        reasons[rejection.reason, default: 0] += 1
        if samples.count < Self.sampleCount {
            samples.append(Sample(line: record.line, column: rejection.column, reason: rejection.reason))
        }
        writer.append(String(record.line))
        writer.append(rejection.column)
        writer.append(rejection.reason)
        writer.append(RowReason.hint(rejection.reason))
        writer.append(record.bytes)
        writer.endRecord()
        if writer.bytes.count > Self.flushByteCount { try flush() }
    }

    /// Finishes the file.
    func keep() throws {
        guard descriptor >= 0 else { return }
        try flush()
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(finalPath + ".part", finalPath) == 0
        else {
            throw Problem(.diskFull, "The rejected rows could not be kept in \(finalPath).")
        }
        descriptor = -1
        isKept = true
    }

    /// Removes an unfinished file.
    func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(finalPath + ".part")
        descriptor = -1
    }

    private func create() throws {
        descriptor = open(finalPath + ".part", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(.dataNotWritable, "The file \(finalPath) can't be made.")
        }
        writer.append(record: ["line", "column", "reason", "hint", "row"])
    }

    private func flush() throws {
        let isWritten = writer.bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = write(descriptor, rest.baseAddress, rest.count)
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
        guard isWritten else {
            throw Problem(.diskFull, "The rejected rows could not be kept in \(finalPath).")
        }
        writer.removeAll()
    }
}
