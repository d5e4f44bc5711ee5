// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// The small texts that two sides hand over to each other.
package enum HandedText {
    private static let limit = 1 << 20

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - path: A file's path, or `-` for standard input.
    ///   - kind: The kind of problem that a text is that can't be read.
    /// - Returns: The text.
    /// - Throws: ``Problem`` of the kind that is given.
    package static func read(_ path: String, orThrow kind: ProblemKind) throws -> String {
        let file = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        var data = Data()
        do {
            while let file, data.count <= limit, let more = try file.read(upToCount: limit), !more.isEmpty {
                data += more
            }
        } catch {
            data = Data()
        }
        guard file != nil, data.count <= limit, let text = String(data: data, encoding: .utf8) else {
            throw Problem(kind, "The file \(path) can't be read as text.")
        }
        return text
    }

    /// Writes a text into a new file that its owner alone can read, or over an earlier one.
    ///
    /// - Parameters:
    ///   - text: The text; a newline is added.
    ///   - path: The file.
    /// - Throws: ``Problem`` of kind `data.not-writable`.
    package static func write(_ text: String, to path: String) throws {
        let bytes = Array((text + "\n").utf8)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Problem(.dataNotWritable, "The file \(path) can't be written.", field: "output")
        }
    }
}
