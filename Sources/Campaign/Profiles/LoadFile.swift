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

    /// About how many rows a regular file has, by the lines at eight places; a little more rather than fewer.
    ///
    /// Rows often grow towards the end of a file, with the numbers in them, so its start alone says too many.
    var expectedRows: Int? {
        guard let byteCount else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { sample in
            var bytesRead = 0
            var lines = 0
            for place in 0..<8 {
                let count = pread(descriptor, sample.baseAddress, sample.count, off_t(byteCount / 8 * place))
                guard count > 0 else { break }
                bytesRead += count
                lines += sample[..<count].count { $0 == 0x0A }
            }
            guard bytesRead > 0 else { return 0 }
            return byteCount * max(1, lines) / bytesRead * 65 / 64 + 1
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
