// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage

/// The lines of an outbound run that were not written: their IDs are kept as rejected lines of its receipt.
final class OutboundRejects {
    /// The IDs that could not be written.
    private(set) var unwritten = MemberSetBuilder()
    /// How many lines were not written for each reason.
    private var counts = [Int](repeating: 0, count: OutboundReason.allCases.count)
    private let make: () throws -> RejectedLines
    private var lines: RejectedLines?

    /// Prepares to keep lines; a file is made with the first one.
    ///
    /// - Parameters:
    ///   - receipt: The run.
    ///   - file: The name of the file that is written.
    ///   - directory: The data directory.
    init(of receipt: String, _ file: String, in directory: DataDirectory) {
        make = { try RejectedLines(of: receipt, files: [file], in: directory) }
    }

    /// Keeps a line that was not written.
    ///
    /// - Parameters:
    ///   - number: The ID that it is about.
    ///   - text: The ID.
    ///   - line: The place that it would have had among all lines, from 1.
    ///   - reason: Why it was not written.
    /// - Throws: ``Problem`` when it can't be kept.
    func append(_ number: IDNumber, _ text: UnsafeRawBufferPointer, line: Int, _ reason: OutboundReason)
        throws
    {
        counts[Int(reason.rawValue)] += 1
        guard reason.state.isReject else { return }
        unwritten.insert(number)
        let lines = try lines ?? make()
        self.lines = lines
        try lines.append(text, file: 1, line: line, reason.end)
    }

    /// Completes the file.
    ///
    /// - Returns: Its name in the directory of rejected lines; `nil` without a rejected line.
    func finish() throws -> String? { try lines?.finish() }

    /// How many lines were not written, by reason.
    var reasons: [Receipt.Reason] {
        OutboundReason.allCases.compactMap { reason in
            let count = counts[Int(reason.rawValue)]
            return count > 0
                ? Receipt.Reason(state: reason.state.rawValue, reason: reason.code, lines: count) : nil
        }
    }

    /// Adds the counts to those of the lines that were written.
    func count(in tally: inout OutboundTally) {
        for reason in OutboundReason.allCases {
            let count = counts[Int(reason.rawValue)]
            if reason.state.isReject { tally.unwritten += count } else { tally.unsaid += count }
        }
    }
}
