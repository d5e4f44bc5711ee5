// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of one ID-sync file under a temporary name, in bounded memory.
///
/// Without ``finish()`` nothing stays in the folder. One owner at a time.
package final class IDSyncWriter {
    private let folder: String
    private let name: IDSyncFileName
    private let wantsMD5: Bool
    private let write: (Int32, UnsafeRawPointer?, Int) -> Int
    private var file: PartFile?

    /// The number of rows taken so far.
    package private(set) var rowCount = 0

    /// A writer that has made no file yet.
    ///
    /// - Parameters:
    ///   - folder: where the file goes; it exists.
    ///   - name: what the file is called, and how many columns it has.
    ///   - wantsMD5: whether the digest shall have an MD5.
    ///   - write: the system's call for writing.
    package init(
        folder: String,
        name: IDSyncFileName,
        wantsMD5: Bool = false,
        write: @escaping (Int32, UnsafeRawPointer?, Int) -> Int = { Glibc.write($0, $1, $2) }
    ) {
        self.folder = folder
        self.name = name
        self.wantsMD5 = wantsMD5
        self.write = write
    }

    /// Takes one row: an ID for each data source of the name, in that order.
    ///
    /// - Throws: ``AudienceFileError/columnCount(line:expected:actual:)``,
    ///   ``AudienceFileError/unwritableValue(line:column:)`` for an ID that is empty, starts or ends with a blank or
    ///   holds a control character, ``AudienceFileError/lineTooLong(line:limit:)``, all of which leave the file as it
    ///   was, or ``AudienceFileError/writeFailed(errno:)``.
    package func append(_ row: [String]) throws(AudienceFileError) {
        let line = rowCount + 1
        guard row.count == name.dataSources.count else {
            throw .columnCount(line: line, expected: name.dataSources.count, actual: row.count)
        }
        for (column, id) in row.enumerated() {
            let isWritable =
                !id.isEmpty && id.utf8.first != 0x20 && id.utf8.last != 0x20
                && id.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            guard isWritable else { throw .unwritableValue(line: line, column: column + 1) }
        }
        let bytes = Array((row.joined(separator: "\t") + "\n").utf8)
        guard bytes.count <= LineLimits.lineByteCount + 1 else {
            throw .lineTooLong(line: line, limit: LineLimits.lineByteCount)
        }
        let file = try currentFile()
        try bytes.withUnsafeBufferPointer { (bytes) throws(AudienceFileError) in
            try file.append(UnsafeRawBufferPointer(bytes))
        }
        rowCount = line
    }

    /// Completes the file, gives it its name and returns its checksums; nil, and no file, if there was no row.
    package func finish() throws(AudienceFileError) -> FileDigest.Value? {
        guard let file else { return nil }
        let digest = try file.finish()
        self.file = nil
        do {
            try FilePlaces.rename(file.path, to: "\(folder)/\(name)")
        } catch {
            unlink(file.path)
            throw error
        }
        try FilePlaces.synchronize(folder: folder)
        return digest
    }

    private func currentFile() throws(AudienceFileError) -> PartFile {
        if let file { return file }
        let file = try PartFile(
            path: "\(folder)/.\(name).partial",
            isGzip: name.isGzip,
            wantsMD5: wantsMD5,
            write: write
        )
        self.file = file
        return file
    }
}
