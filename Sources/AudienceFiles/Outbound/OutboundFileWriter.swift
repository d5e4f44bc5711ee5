// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of one outbound file and its control file, in as many parts as its size asks for, in bounded memory.
///
/// Files grow under hidden temporary names. ``finish()`` gives them their names, the first part without a number and
/// the others from 1, and returns them; until then, and after any error, nothing a reader would take is in the folder.
/// The same lines give the same bytes, however they are handed in. One owner at a time.
///
/// Without a line there is no file, neither header nor control file: readers refuse a data file without lines, and
/// would wait for the data of a control file that names none. A segment that became empty is told by an `iter` file
/// with the removals.
package final class OutboundFileWriter {
    private let folder: String
    private let names: OutboundFileNames
    private let wantsControlFile: Bool
    private let write: PartFile.WriteCall
    private let parts: PartsWriter

    /// The number of lines taken so far, without headers.
    package var lineCount: Int { parts.lineCount }

    /// A writer that has made no file yet.
    ///
    /// - Parameters:
    ///   - folder: where the files go; it exists.
    ///   - names: what they are called, and whether the data is compressed.
    ///   - header: whole lines that start each part; may be empty.
    ///   - maximumPartByteCount: the largest size of a part in bytes of text, before compression; room for the
    ///     header and a line of ``LineLimits/lineByteCount``.
    ///   - wantsControlFile: whether to make one.
    ///   - write: the system's call for writing.
    package init(
        folder: String,
        names: OutboundFileNames,
        header: [UInt8] = [],
        maximumPartByteCount: Int = 1_000_000_000_000,
        wantsControlFile: Bool = true,
        write: @escaping (Int32, UnsafeRawPointer?, Int) -> Int = { Glibc.write($0, $1, $2) }
    ) {
        self.folder = folder
        self.names = names
        self.wantsControlFile = wantsControlFile
        self.write = write
        parts = PartsWriter(
            folder: folder,
            temporaryName: names.part(0),
            header: header,
            maximumPartByteCount: maximumPartByteCount,
            isGzip: names.isGzip,
            wantsMD5: true,
            write: write
        )
    }

    /// Takes whole lines in the order of the file.
    ///
    /// - Parameters:
    ///   - lines: the lines, every one with its newline.
    ///   - count: how many there are.
    /// - Throws: ``AudienceFileError/lineTooLong(line:limit:)`` before anything of these lines was written, or
    ///   ``AudienceFileError/writeFailed(errno:)``; after that the writer is of no more use.
    package func append(lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
        try parts.append(lines: lines, count: count)
    }

    /// Takes the lines that a worker has rendered.
    ///
    /// - Throws: ``AudienceFileError/writeFailed(errno:)``; after that the writer is of no more use.
    package func append(_ lines: RenderedLines) throws(AudienceFileError) {
        try append(lines: lines.bytes, count: lines.count)
    }

    /// Completes the files, gives them their names and returns them; nil if there was no line.
    ///
    /// - Throws: ``AudienceFileError/writeFailed(errno:)``, with every file removed.
    package func finish() throws(AudienceFileError) -> OutboundFileSet? {
        let count = lineCount
        let finished = try parts.finish { position, _ in names.part(position) }
        guard !finished.isEmpty else { return nil }
        let files = finished.enumerated().map { position, part in
            OutboundFilePart(
                name: names.part(position),
                path: part.path,
                digest: part.digest,
                textByteCount: part.textByteCount,
                lineCount: part.lineCount
            )
        }
        do {
            let control = wantsControlFile ? try writeControlFile(of: files) : nil
            return OutboundFileSet(parts: files, controlFile: control, lineCount: count)
        } catch {
            for file in files { unlink(file.path) }
            throw error
        }
    }

    /// Removes everything that was not returned by ``finish()``.
    package func cancel() {
        parts.cancel()
    }

    private func writeControlFile(of files: [OutboundFilePart]) throws(AudienceFileError) -> OutboundFilePart
    {
        let text = ControlFile(describing: files, name: names.set).encoded()
        let file = try PartFile(
            path: "\(folder)/.\(names.control).partial",
            isGzip: false,
            wantsMD5: true,
            write: write
        )
        try text.withUnsafeBufferPointer { (bytes) throws(AudienceFileError) in
            try file.append(UnsafeRawBufferPointer(bytes))
        }
        let digest = try file.finish()
        let path = "\(folder)/\(names.control)"
        do {
            try FilePlaces.rename(file.path, to: path)
            try FilePlaces.synchronize(folder: folder)
        } catch {
            unlink(file.path)
            unlink(path)
            throw error
        }
        return OutboundFilePart(
            name: names.control,
            path: path,
            digest: digest,
            textByteCount: text.count,
            lineCount: 1
        )
    }
}
