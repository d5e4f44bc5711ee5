// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// A file that a command makes for the person: it appears whole under its name, or not at all.
final class OutputFile {
    private let path: String
    private var descriptor: Int32

    /// Opens a temporary file beside the final one, readable by the owner alone.
    ///
    /// - Throws: ``Problem`` of kind `files.not-writable`.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(.fileNotWritable, "The file \(path) can't be made.")
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(path + ".part")
    }

    /// Appends bytes.
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Puts the file under its name once it is on the disk.
    func finish() throws {
        let isFlushed = fsync(descriptor) == 0
        let isClosed = close(descriptor) == 0
        descriptor = -1
        guard isFlushed, isClosed, rename(path + ".part", path) == 0 else {
            unlink(path + ".part")
            throw failure
        }
    }

    private var failure: Problem {
        errno == ENOSPC || errno == EDQUOT
            ? Problem(.diskFull, "The disk is full; \(path) was not written.")
            : Problem(.fileNotWritable, "The file \(path) can't be written (error \(errno)).")
    }
}

extension ProblemKind {
    package static let fileNotWritable = ProblemKind(
        "files.not-writable",
        status: 422,
        meaning: "A file that a command should write can't be written.",
        advice: "Check the folder, its permissions and the free space, or name another file."
    )
}
