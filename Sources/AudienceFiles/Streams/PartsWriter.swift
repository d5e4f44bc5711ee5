// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of lines to one file, in as many parts as its size asks for, in bounded memory.
///
/// Parts grow under hidden temporary names. ``finish(naming:)`` gives them their names and returns them; until then,
/// and after any error, nothing a reader would take is in the folder. The same lines give the same bytes, however
/// they are handed in. One owner at a time.
final class PartsWriter {
    /// A part that is complete.
    struct Part {
        var path: String
        var digest: FileDigest.Value
        var textByteCount: Int
        var lineCount: Int
    }

    private let folder: String
    private let temporaryName: String
    private let header: [UInt8]
    private let headerLineCount: Int
    private let maximumPartByteCount: Int
    private let isGzip: Bool
    private let wantsMD5: Bool
    private let write: PartFile.WriteCall
    private var finishedParts: [Part] = []
    private var part: PartFile?
    private var partLineCount = 0

    /// The number of lines taken so far, without headers.
    private(set) var lineCount = 0

    /// A writer that has made no file yet.
    ///
    /// - Parameters:
    ///   - folder: where the parts go; it exists.
    ///   - temporaryName: what the hidden names are made of.
    ///   - header: whole lines that start each part; may be empty.
    ///   - maximumPartByteCount: the largest size of a part in bytes of text, before compression.
    ///   - isGzip: whether parts are compressed.
    ///   - wantsMD5: whether the digests shall have an MD5.
    ///   - write: the system's call for writing.
    init(
        folder: String,
        temporaryName: String,
        header: [UInt8] = [],
        maximumPartByteCount: Int,
        isGzip: Bool,
        wantsMD5: Bool,
        write: @escaping PartFile.WriteCall
    ) {
        precondition(
            maximumPartByteCount > LineLimits.lineByteCount + header.count,
            "a part holds at least one line"
        )
        precondition(header.isEmpty || header.last == 0x0A, "a header is made of whole lines")
        self.folder = folder
        self.temporaryName = temporaryName
        self.header = header
        headerLineCount = header.count { $0 == 0x0A }
        self.maximumPartByteCount = maximumPartByteCount
        self.isGzip = isGzip
        self.wantsMD5 = wantsMD5
        self.write = write
    }

    deinit {
        cancel()
    }

    /// Takes whole lines in the order of the file.
    ///
    /// - Parameters:
    ///   - lines: the lines, every one with its newline.
    ///   - count: how many there are.
    /// - Throws: ``AudienceFileError/lineTooLong(line:limit:)`` before anything of these lines was written, or
    ///   ``AudienceFileError/writeFailed(errno:)``; after that the writer is of no more use.
    func append(lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
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

    /// Completes the parts and gives them their names; there is none if there was no line.
    ///
    /// Parts are renamed one by one, so whoever publishes them takes what this returns, not what the folder holds.
    ///
    /// - Parameter naming: the name of the part at a position, from 0, among so many.
    /// - Returns: the parts in order.
    /// - Throws: ``AudienceFileError/writeFailed(errno:)``, with every part removed.
    func finish(naming: (_ position: Int, _ count: Int) -> String) throws(AudienceFileError) -> [Part] {
        do {
            try finishPart()
            for position in finishedParts.indices {
                let path = "\(folder)/\(naming(position, finishedParts.count))"
                try FilePlaces.rename(finishedParts[position].path, to: path)
                // From here on the new name is the one to remove if a later part fails.
                finishedParts[position].path = path
            }
            if !finishedParts.isEmpty { try FilePlaces.synchronize(folder: folder) }
            defer { finishedParts = [] }
            return finishedParts
        } catch {
            cancel()
            throw error
        }
    }

    /// Removes everything that was not returned by ``finish(naming:)``.
    func cancel() {
        part = nil
        for finished in finishedParts { unlink(finished.path) }
        finishedParts = []
    }

    private func split(_ lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
        var rest = lines
        var restCount = count
        while !rest.isEmpty {
            let room = maximumPartByteCount - (part?.textByteCount ?? header.count)
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
            path: "\(folder)/.\(temporaryName).\(finishedParts.count + 1).partial",
            isGzip: isGzip,
            wantsMD5: wantsMD5,
            write: write
        )
        self.part = part
        partLineCount = headerLineCount
        try header.withUnsafeBufferPointer { (bytes) throws(AudienceFileError) in
            try part.append(UnsafeRawBufferPointer(bytes))
        }
        return part
    }

    private func finishPart() throws(AudienceFileError) {
        guard let part else { return }
        let digest = try part.finish()
        finishedParts.append(
            Part(
                path: part.path,
                digest: digest,
                textByteCount: part.textByteCount,
                lineCount: partLineCount
            )
        )
        self.part = nil
    }

    private func checkedLineCount(of lines: UnsafeRawBufferPointer) throws(AudienceFileError) -> Int {
        let (count, tooLong) = LineCount.lines(in: lines, limit: LineLimits.lineByteCount)
        if let tooLong { throw .lineTooLong(line: lineCount + tooLong + 1, limit: LineLimits.lineByteCount) }
        return count
    }
}
