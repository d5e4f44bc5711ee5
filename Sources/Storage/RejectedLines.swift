// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// The rejected lines of one run, kept byte by byte so that they can be delivered again.
///
/// A record is file number, line number, state, reason and the line's own bytes, separated by tabs and ended by
/// a newline; the bytes come last, since they may hold anything but a newline. The first lines, which start with
/// `#`, name the files. The file holds personal data: it lies in the data directory with mode 0600 and goes when
/// its retention ends.
package final class RejectedLines {
    /// What the names of these files end in.
    package static let ending = ".rejected"

    private static let flushByteCount = 1 << 18

    private var isEmpty = true

    private let path: String
    private let output: OutputFile
    private var buffer: [UInt8] = []

    /// Starts the file of a run.
    ///
    /// - Parameters:
    ///   - receipt: The run.
    ///   - files: The names of the files that are read, in order.
    ///   - directory: The data directory.
    /// - Throws: ``Problem`` of kind `files.not-writable`.
    package init(of receipt: String, files: [String], in directory: DataDirectory) throws {
        path = "\(directory.rejected)/\(Self.name(of: receipt))"
        output = try OutputFile(path)
        buffer.reserveCapacity(Self.flushByteCount * 2)
        for (number, file) in files.enumerated() {
            buffer.append(contentsOf: Array("#\(number + 1)\t\(file)\n".utf8))
        }
    }

    /// The name of a run's file.
    package static func name(of receipt: String) -> String { "\(receipt)\(ending)" }

    /// Keeps records that were prepared.
    ///
    /// - Parameter records: Whole records.
    /// - Throws: ``Problem`` of kind `files.not-writable` or `data.disk-full`.
    package func append(_ records: [UInt8]) throws {
        guard !records.isEmpty else { return }
        isEmpty = false
        buffer.append(contentsOf: records)
        if buffer.count > Self.flushByteCount { try flush() }
    }

    /// Keeps a line.
    ///
    /// - Parameters:
    ///   - text: The line without its newline.
    ///   - file: The number of the file, from 1.
    ///   - line: The number of the line in the file, from 1.
    ///   - end: The state in which it ended, and why.
    /// - Throws: ``Problem`` of kind `files.not-writable` or `data.disk-full`.
    package func append(
        _ text: UnsafeRawBufferPointer,
        file: Int,
        line: Int,
        _ end: RejectedRecords.End
    ) throws {
        var records = RejectedRecords()
        records.append(text, file: file, line: line, end)
        try append(records.bytes)
    }

    /// Begins a line that comes in fragments.
    package func begin(file: Int, line: Int, _ end: RejectedRecords.End) {
        isEmpty = false
        var records = RejectedRecords()
        records.appendHead(file: file, line: line, end)
        buffer.append(contentsOf: records.bytes)
    }

    /// Adds a fragment of the line that was begun.
    package func append(fragment: UnsafeRawBufferPointer) throws {
        try flush()
        try output.write(fragment)
    }

    /// Ends the line that was begun.
    package func end() {
        buffer.append(0x0A)
    }

    /// Completes the file, or removes it when no line was rejected.
    ///
    /// - Returns: The file's name in the directory of rejected lines.
    package func finish() throws -> String? {
        guard !isEmpty else { return nil }
        try flush()
        try output.finish()
        return (path as NSString).lastPathComponent
    }

    private func flush() throws {
        try output.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
