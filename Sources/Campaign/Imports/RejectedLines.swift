// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// The rejected lines of one run, kept byte by byte so that they can be imported again.
///
/// A record is file number, line number, state, reason and the line's own bytes, separated by tabs and ended by
/// a newline; the bytes come last, since they may hold anything but a newline. The first lines, which start with
/// `#`, name the files. The file holds personal data: it lies in the data directory with mode 0600 and goes when
/// its retention ends.
final class RejectedLines {
    private static let flushByteCount = 1 << 18

    /// How many lines were kept.
    private(set) var count = 0

    private let path: String
    private let output: OutputFile
    private var buffer: [UInt8] = []

    /// Starts the file of a run.
    ///
    /// - Parameters:
    ///   - receipt: The run.
    ///   - files: The names of the files that are read, in order.
    ///   - directory: The data directory.
    init(of receipt: Receipt.ID, files: [String], in directory: DataDirectory) throws {
        path = "\(directory.rejected)/\(Self.name(of: receipt))"
        output = try OutputFile(path)
        buffer.reserveCapacity(Self.flushByteCount * 2)
        for (number, file) in files.enumerated() {
            buffer.append(contentsOf: Array("#\(number + 1)\t\(file)\n".utf8))
        }
    }

    /// The name of a run's file.
    static func name(of receipt: Receipt.ID) -> String { "\(receipt).rejected" }

    /// Keeps a line.
    ///
    /// - Parameters:
    ///   - bytes: The line without its newline.
    ///   - file: The number of the file, from 1.
    ///   - line: The number of the line in the file, from 1.
    ///   - state: The state in which it ended.
    ///   - reason: Why.
    func append(
        _ bytes: UnsafeRawBufferPointer, file: Int, line: Int, _ state: LineState, _ reason: LineReason
    ) throws {
        begin(file: file, line: line, state, reason)
        buffer.append(contentsOf: bytes)
        buffer.append(0x0A)
        if buffer.count > Self.flushByteCount { try flush() }
    }

    /// Begins a line that comes in fragments.
    func begin(file: Int, line: Int, _ state: LineState, _ reason: LineReason) {
        count += 1
        append(number: file)
        buffer.append(0x09)
        append(number: line)
        buffer.append(0x09)
        buffer.append(contentsOf: state.rawValue.utf8)
        buffer.append(0x09)
        buffer.append(contentsOf: reason.code.utf8)
        buffer.append(0x09)
    }

    /// Adds a fragment of the line that was begun.
    func append(fragment: UnsafeRawBufferPointer) throws {
        try flush()
        try output.write(fragment)
    }

    /// Ends the line that was begun.
    func end() {
        buffer.append(0x0A)
    }

    /// Completes the file, or removes it when no line was rejected.
    ///
    /// - Returns: The file's name in the directory of rejected lines.
    func finish() throws -> String? {
        guard count > 0 else { return nil }
        try flush()
        try output.finish()
        return (path as NSString).lastPathComponent
    }

    private func append(number: Int) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { text in
            var position = 24
            var rest = number
            repeat {
                position -= 1
                text[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            buffer.append(contentsOf: text[position...])
        }
    }

    private func flush() throws {
        try output.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
