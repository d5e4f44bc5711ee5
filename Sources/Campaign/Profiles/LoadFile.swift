// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// A CSV file that a command was given.
struct LoadFile: ~Copyable {
    let path: String
    /// Its size, if it is a regular file.
    let byteCount: Int?
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            if descriptor >= 0 { close(descriptor) }
            throw Problem(.fileUnreadable, "The file \(path) can't be opened.")
        }
        byteCount = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    deinit {
        close(descriptor)
    }

    /// About how many rows a regular file has, by the lines at its start; a little more rather than fewer.
    var expectedRows: Int? {
        guard let byteCount else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { sample in
            let count = pread(descriptor, sample.baseAddress, sample.count, 0)
            guard count > 0 else { return 0 }
            let lines = max(1, sample[..<count].count { $0 == 0x0A })
            return byteCount * lines / count * 21 / 20 + 1
        }
    }

    /// Opens a reader and reads the header.
    func reader() throws -> CSVBlockReader {
        do {
            return try CSVBlockReader(fileDescriptor: descriptor)
        } catch {
            throw problem(error)
        }
    }

    /// What a person can do about an error of reading.
    func problem(_ error: any Error) -> any Error {
        guard let error = error as? CSVError else { return error }
        let summary =
            switch error {
            case .emptyFile: "The file \(path) is empty."
            case .noHeader: "The file \(path) has no header row."
            case .headerTooLong(let limit): "The header row of \(path) is longer than \(limit) bytes."
            case .headerFault(let fault):
                "The header row of \(path) is malformed at column \(fault.column): \(fault)."
            case .duplicateColumn(let column, let earlier):
                "The columns \(earlier) and \(column) of \(path) have the same name."
            case .unsupportedEncoding(let encoding):
                "The file \(path) is \(encoding.rawValue); it must be UTF-8."
            case .readFailed(let number): "Reading \(path) failed (error \(number))."
            }
        return Problem(.fileUnreadable, summary)
    }
}
