// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// A value and what a website sent for it; personal data, so it is read from a file or standard input only.
struct KeyDoctorSample {
    /// The value, with the spaces around it.
    let plain: String

    /// What the website sent.
    let sent: String

    /// The longest line; the ciphertext of the longest ID is shorter, in any encoding.
    private static let maximumByteCount = 4_096

    /// Reads a sample: two lines, of which only the line ends are taken off.
    ///
    /// - Parameter path: A file's path; none or `-` for standard input.
    /// - Returns: The sample.
    /// - Throws: ``Problem`` of kind `data-sources.sample-unreadable`.
    static func read(_ path: String?) throws -> KeyDoctorSample {
        guard let path, path != "-" else { return try readStandardInput() }
        let limit = 65_536
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: limit + 1)
        else {
            throw Problem(.sampleUnreadable, "The file of --sample can't be read.", field: "sample")
        }
        guard data.count <= limit else {
            throw Problem(.sampleUnreadable, "The sample has more than \(limit) bytes.", field: "sample")
        }
        return try parse([UInt8](data))
    }

    /// Parses a sample.
    ///
    /// - Parameter bytes: Two lines in UTF-8, ended by LF or CRLF, with or without a byte order mark.
    /// - Returns: The sample.
    /// - Throws: ``Problem`` of kind `data-sources.sample-unreadable`, with the line at fault.
    static func parse(_ bytes: [UInt8]) throws -> KeyDoctorSample {
        let bare = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var lines = bare.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        guard lines.count == 2 else {
            throw Problem(
                .sampleUnreadable,
                "The sample has \(lines.count) lines instead of two.",
                field: "sample"
            )
        }
        let texts = try lines.enumerated().map { index, line in
            guard !line.isEmpty, let text = String(validating: line, as: UTF8.self) else {
                let fault = line.isEmpty ? "is empty" : "is not UTF-8"
                throw Problem(.sampleUnreadable, "Line \(index + 1) of the sample \(fault).", field: "sample")
            }
            guard text.utf8.count <= maximumByteCount else {
                throw Problem(
                    .sampleUnreadable,
                    "Line \(index + 1) of the sample has more than \(maximumByteCount) bytes.",
                    field: "sample"
                )
            }
            return text
        }
        return KeyDoctorSample(plain: texts[0], sent: texts[1])
    }

    private static func readStandardInput() throws -> KeyDoctorSample {
        var lines: [String] = []
        for prompt in ["A value: ", "What the website sent for it: "] {
            if isatty(0) == 1 { FileHandle.standardError.write(Data(prompt.utf8)) }
            guard let line = readLine(strippingNewline: true) else { break }
            lines.append(line)
        }
        return try parse(Array(lines.joined(separator: "\n").utf8))
    }
}

extension ProblemKind {
    package static let sampleUnreadable = ProblemKind(
        "data-sources.sample-unreadable",
        status: 422,
        meaning: "The sample for the key doctor can't be read, or is not two lines.",
        advice: "Write the value on the first line and what the website sent for it on the second, in UTF-8."
    )
}
