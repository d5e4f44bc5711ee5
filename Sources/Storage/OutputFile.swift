// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// A file that a command makes for the person: it appears whole under its name, or not at all.
package final class OutputFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32

    /// Opens a new temporary file beside the final one, readable by the owner alone.
    ///
    /// A file that has the name is replaced at the end; anything else that has it, such as a device or a symbolic
    /// link, is left alone.
    ///
    /// - Throws: ``Problem`` of kind `files.not-writable`.
    package init(_ path: String) throws {
        self.path = path
        let folder = (path as NSString).deletingLastPathComponent
        let name = (path as NSString).lastPathComponent
        temporaryPath = "\(folder.isEmpty ? "." : folder)/.\(name).\(World().randomHex(6)).part"
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw Problem(.fileNotWritable, "\(path) is there and no file, so it is not replaced.")
        }
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    /// Opens a file that a person asked for.
    ///
    /// - Parameters:
    ///   - path: Where the person wants it.
    ///   - directory: The data directory, in which nobody puts files of their own.
    /// - Throws: ``Problem`` of kind `files.not-writable`.
    package convenience init(_ path: String, outside directory: DataDirectory) throws {
        guard path != "-", !path.isEmpty else {
            throw Problem(.fileNotWritable, "A file is named by its path; standard output can't be given.")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
        let data = URL(fileURLWithPath: directory.path).resolvingSymlinksInPath().path
        guard folder != data, !folder.hasPrefix(data + "/") else {
            throw Problem(.fileNotWritable, "\(path) lies in the data directory, which is the program's own.")
        }
        try self.init(path)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Puts the file under its name once it is on the disk.
    package func finish() throws {
        let isFlushed = fsync(descriptor) == 0
        let isClosed = close(descriptor) == 0
        descriptor = -1
        guard isFlushed, isClosed, rename(temporaryPath, path) == 0 else {
            let failure = Self.failure(path)
            unlink(temporaryPath)
            throw failure
        }
    }

    private static func failure(_ path: String) -> Problem {
        let number = errno
        return number == ENOSPC || number == EDQUOT
            ? Problem(.diskFull, "The disk is full; \(path) was not written.")
            : Problem(
                .fileNotWritable,
                "The file \(path) can't be written: \(String(cString: strerror(number)))."
            )
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
