// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of one inbound file, in as many parts as its size asks for, in bounded memory.
///
/// Parts grow under hidden temporary names. ``finish()`` numbers them from 1 if there are several, renames them and
/// returns them; until then, and after any error, nothing a reader would take is in the folder. The same lines give
/// the same bytes, however they are handed in. One owner at a time.
package final class InboundFileWriter {
    private struct FinishedPart {
        var path: String
        var digest: FileDigest.Value
        var textByteCount: Int
        var lineCount: Int
    }

    private let folder: String
    private let name: InboundFileName
    private let maximumPartByteCount: Int
    private let wantsMD5: Bool
    private let write: PartFile.WriteCall
    private var finishedParts: [FinishedPart] = []
    private var part: PartFile?
    private var partLineCount = 0

    /// The number of lines taken so far.
    package private(set) var lineCount = 0

    /// A writer that has made no file yet.
    ///
    /// - Parameters:
    ///   - folder: where the parts go; it exists.
    ///   - name: what the parts are called; its part number is not used, and PGP is not written here.
    ///   - maximumPartByteCount: the largest size of a part in bytes of text, before compression.
    ///   - wantsMD5: whether the digests shall have an MD5.
    ///   - write: the system's call for writing.
    package init(
        folder: String,
        name: InboundFileName,
        maximumPartByteCount: Int = 1_000_000_000,
        wantsMD5: Bool = false,
        write: @escaping (Int32, UnsafeRawPointer?, Int) -> Int = { Glibc.write($0, $1, $2) }
    ) {
        precondition(name.compression != .pgp, "encryption is not this writer's work")
        precondition(maximumPartByteCount > LineLimits.lineByteCount, "a part holds at least one line")
        self.folder = folder
        self.name = name
        self.maximumPartByteCount = maximumPartByteCount
        self.wantsMD5 = wantsMD5
        self.write = write
    }

    deinit {
        cancel()
    }

    /// Takes whole lines, `<ID>\td_sid=<trait>[,…]\n` each, in the order of the file.
    ///
    /// - Parameters:
    ///   - lines: the lines, every one with its newline.
    ///   - count: how many there are.
    /// - Throws: ``AudienceFileError/lineTooLong(line:limit:)`` before anything of these lines was written, or
    ///   ``AudienceFileError/writeFailed(errno:)``; after that the writer is of no more use.
    package func append(lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
        guard !lines.isEmpty else { return precondition(count == 0, "no bytes hold no lines") }
        precondition(lines.last == 0x0A, "every line ends in a newline")
        let countedLines = try checkedLineCount(of: lines)
        precondition(countedLines == count, "the lines are as many as stated")
        do {
            try split(lines, count: count)
        } catch {
            cancel()
            throw error
        }
        lineCount += count
    }

    /// Completes the parts, gives them their names and returns them in order; none if there was no line.
    ///
    /// Parts are renamed one by one, so whoever publishes them takes what this returns, not what the folder holds.
    ///
    /// - Throws: ``AudienceFileError/writeFailed(errno:)``, with every part removed.
    package func finish() throws(AudienceFileError) -> [InboundFilePart] {
        do {
            try finishPart()
            let parts = finishedParts.enumerated().map { position, finished in
                var name = name
                name.part = finishedParts.count > 1 ? position + 1 : nil
                return InboundFilePart(
                    name: name,
                    path: "\(folder)/\(name)",
                    digest: finished.digest,
                    textByteCount: finished.textByteCount,
                    lineCount: finished.lineCount
                )
            }
            for position in parts.indices {
                try FilePlaces.rename(finishedParts[position].path, to: parts[position].path)
                // From here on the new name is the one to remove if a later part fails.
                finishedParts[position].path = parts[position].path
            }
            if !parts.isEmpty { try FilePlaces.synchronize(folder: folder) }
            finishedParts = []
            return parts
        } catch {
            cancel()
            throw error
        }
    }

    /// Removes everything that was not returned by ``finish()``.
    package func cancel() {
        part = nil
        for finished in finishedParts { unlink(finished.path) }
        finishedParts = []
    }

    private func split(_ lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
        var rest = lines
        var restCount = count
        while !rest.isEmpty {
            let room = maximumPartByteCount - (part?.textByteCount ?? 0)
            if rest.count <= room { return try put(rest, count: restCount) }
            let cut = (rest[..<room].lastIndex(of: 0x0A) ?? -1) + 1
            let head = UnsafeRawBufferPointer(rebasing: rest[..<cut])
            let headCount = LineCount.lines(in: head)
            if !head.isEmpty { try put(head, count: headCount) }
            try finishPart()
            rest = UnsafeRawBufferPointer(rebasing: rest[cut...])
            restCount -= headCount
        }
    }

    private func put(_ lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
        try currentPart().append(lines)
        partLineCount += count
    }

    private func currentPart() throws(AudienceFileError) -> PartFile {
        if let part { return part }
        let part = try PartFile(
            path: "\(folder)/.\(name).\(finishedParts.count + 1).partial",
            isGzip: name.compression == .gzip,
            wantsMD5: wantsMD5,
            write: write
        )
        self.part = part
        return part
    }

    private func finishPart() throws(AudienceFileError) {
        guard let part else { return }
        let digest = try part.finish()
        finishedParts.append(
            FinishedPart(
                path: part.path,
                digest: digest,
                textByteCount: part.textByteCount,
                lineCount: partLineCount
            )
        )
        self.part = nil
        partLineCount = 0
    }

    private func checkedLineCount(of lines: UnsafeRawBufferPointer) throws(AudienceFileError) -> Int {
        let (count, tooLong) = LineCount.lines(in: lines, limit: LineLimits.lineByteCount)
        if let tooLong { throw .lineTooLong(line: lineCount + tooLong + 1, limit: LineLimits.lineByteCount) }
        return count
    }
}
