// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// A rejected line as commands show it.
package struct RejectedLine: Encodable, Sendable {
    package let file: String
    package let line: Int
    package let state: String
    package let reason: String
    package let hint: String
    /// The line's bytes; what is not UTF-8 is replaced.
    package let text: String
}

/// Reads files of rejected lines, in bounded memory.
package struct RejectedLinesReader: Sendable {
    /// The place and reason of a kept line, in front of its bytes.
    private struct Head {
        let file: String
        let line: Int
        let state: String
        let reason: String
    }

    private let hint: @Sendable (String) -> String

    /// A reader of the files of one kind of run.
    ///
    /// - Parameter hint: What to do about a reason, by its code.
    package init(hint: @escaping @Sendable (String) -> String) {
        self.hint = hint
    }

    private static let chunkByteCount = 1 << 18
    private static let longestHead = 4_096

    /// The kept lines; of a very long one only the start.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: How many at most; 0 for all.
    /// - Returns: The lines in the order in which they were kept.
    /// - Throws: ``Problem`` of kind `receipts.rejected-gone` when the file can't be read.
    package func lines(_ path: String, limit: Int) throws -> [RejectedLine] {
        var lines: [RejectedLine] = []
        try Self.visit(path, limit: limit) { head, bytes, isStart, _ in
            if isStart { lines.append(line(head, bytes)) }
        }
        return lines
    }

    /// A part of the kept lines.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - skipped: How many lines come before the part.
    ///   - limit: How many at most, from 1.
    /// - Returns: The lines in the order in which they were kept, and how many the file has.
    /// - Throws: ``Problem`` of kind `receipts.rejected-gone` when the file can't be read.
    /// - Complexity: O(bytes of the file); memory is that of the part.
    package func part(_ path: String, after skipped: Int, limit: Int) throws -> (
        lines: [RejectedLine], total: Int
    ) {
        var lines: [RejectedLine] = []
        var total = 0
        try Self.visit(path, limit: 0) { head, bytes, isStart, _ in
            guard isStart else { return }
            total += 1
            if total > skipped, lines.count < limit { lines.append(line(head, bytes)) }
        }
        return (lines, total)
    }

    private func line(_ head: Head, _ bytes: ArraySlice<UInt8>) -> RejectedLine {
        RejectedLine(
            file: head.file,
            line: head.line,
            state: head.state,
            reason: head.reason,
            hint: hint(head.reason),
            text: String(decoding: bytes.prefix(Self.longestHead), as: UTF8.self)
        )
    }

    /// Prints the kept lines with their places, reasons and hints.
    package func print(_ path: String, limit: Int) throws {
        try Self.visit(path, limit: limit) { head, bytes, isStart, isEnd in
            var output = Data()
            if isStart {
                let text = "\(head.file)\t\(head.line)\t\(head.state)\t\(head.reason)\t\(hint(head.reason))\t"
                output.append(contentsOf: text.utf8)
            }
            output.append(contentsOf: bytes)
            if isEnd { output.append(0x0A) }
            try StandardOutput.write(output)
        }
    }

    /// Copies a file to standard output, or only the bytes of its lines.
    package func copy(_ path: String, isRaw: Bool, limit: Int) throws {
        guard isRaw else {
            guard let file = FileHandle(forReadingAtPath: path) else { return }
            while let data = try file.read(upToCount: Self.chunkByteCount), !data.isEmpty {
                try StandardOutput.write(data)
            }
            return
        }
        try Self.write(path, limit: limit) { try StandardOutput.write($0) }
    }

    /// Writes the bytes of the kept lines and nothing else, as the files had them.
    package static func write(_ path: String, limit: Int = 0, to output: (Data) throws -> Void) throws {
        try visit(path, limit: limit) { _, bytes, _, isEnd in
            var data = Data(bytes)
            if isEnd { data.append(0x0A) }
            try output(data)
        }
    }

    /// Visits the lines; a long one comes in pieces.
    private static func visit(
        _ path: String,
        limit: Int,
        _ body: (Head, ArraySlice<UInt8>, _ isStart: Bool, _ isEnd: Bool) throws -> Void
    ) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Problem(.rejectedGone, "The file \(path) can't be read.")
        }
        var names: [String: String] = [:]
        var pending: [UInt8] = []
        var head: Head?
        var count = 0
        var isAtEnd = false
        while !isAtEnd || !pending.isEmpty {
            if !isAtEnd {
                let data = try file.read(upToCount: Self.chunkByteCount) ?? Data()
                isAtEnd = data.isEmpty
                pending.append(contentsOf: data)
            }
            var rest = pending[...]
            while !rest.isEmpty {
                let newline = rest.firstIndex(of: 0x0A)
                if let current = head {
                    let end = newline ?? rest.endIndex
                    try body(current, rest[rest.startIndex..<end], false, newline != nil)
                    head = newline == nil ? current : nil
                    rest = newline.map { rest[($0 + 1)...] } ?? []
                    continue
                }
                guard newline != nil || isAtEnd || rest.count > longestHead else { break }
                let line = rest[rest.startIndex..<(newline ?? rest.endIndex)]
                if line.first == UInt8(ascii: "#"), let name = fileName(line) {
                    names[name.number] = name.name
                } else if let (found, bytes) = split(line, names) {
                    count += 1
                    if limit > 0, count > limit { return }
                    try body(found, bytes, true, newline != nil)
                    head = newline == nil ? found : nil
                }
                rest = newline.map { rest[($0 + 1)...] } ?? []
            }
            pending = Array(rest)
            if isAtEnd { break }
        }
    }

    private static func fileName(_ line: ArraySlice<UInt8>) -> (number: String, name: String)? {
        let parts = line.dropFirst().split(separator: 0x09, maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
    }

    private static func split(_ line: ArraySlice<UInt8>, _ names: [String: String]) -> (
        Head, ArraySlice<UInt8>
    )? {
        let parts = line.split(separator: 0x09, maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let number = Int(String(decoding: parts[1], as: UTF8.self)) else {
            return nil
        }
        let file = String(decoding: parts[0], as: UTF8.self)
        let head = Head(
            file: names[file] ?? file,
            line: number,
            state: String(decoding: parts[2], as: UTF8.self),
            reason: String(decoding: parts[3], as: UTF8.self)
        )
        return (head, parts[4])
    }
}

extension ProblemKind {
    package static let rejectedGone = ProblemKind(
        "receipts.rejected-gone",
        status: 410,
        meaning:
            "The rejected lines of a receipt are no longer kept: their retention has ended, or a retry took them over.",
        advice: "Ask the partner for the file again; `tallystick receipts retention` shows and sets the days."
    )
}
