// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of one inbound file, in as many parts as its size asks for, in bounded memory.
///
/// Parts grow under hidden temporary names. ``finish()`` numbers them from 1 if there are several, renames them and
/// returns them; until then, and after any error, nothing a reader would take is in the folder. The same lines give
/// the same bytes, however they are handed in. One owner at a time.
package final class InboundFileWriter {
    private let name: InboundFileName
    private let parts: PartsWriter

    /// The number of lines taken so far.
    package var lineCount: Int { parts.lineCount }

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
        self.name = name
        parts = PartsWriter(
            folder: folder,
            temporaryName: name.description,
            maximumPartByteCount: maximumPartByteCount,
            isGzip: name.compression == .gzip,
            wantsMD5: wantsMD5,
            write: write
        )
    }

    /// Takes whole lines, `<ID>\td_sid=<trait>[,…]\n` each, in the order of the file.
    ///
    /// - Parameters:
    ///   - lines: the lines, every one with its newline.
    ///   - count: how many there are.
    /// - Throws: ``AudienceFileError/lineTooLong(line:limit:)`` before anything of these lines was written, or
    ///   ``AudienceFileError/writeFailed(errno:)``; after that the writer is of no more use.
    package func append(lines: UnsafeRawBufferPointer, count: Int) throws(AudienceFileError) {
        try parts.append(lines: lines, count: count)
    }

    /// Completes the parts, gives them their names and returns them in order; none if there was no line.
    ///
    /// Parts are renamed one by one, so whoever publishes them takes what this returns, not what the folder holds.
    ///
    /// - Throws: ``AudienceFileError/writeFailed(errno:)``, with every part removed.
    package func finish() throws(AudienceFileError) -> [InboundFilePart] {
        let finished = try parts.finish { position, count in
            partName(at: position, of: count).description
        }
        return finished.enumerated().map { position, part in
            InboundFilePart(
                name: partName(at: position, of: finished.count),
                path: part.path,
                digest: part.digest,
                textByteCount: part.textByteCount,
                lineCount: part.lineCount
            )
        }
    }

    /// Removes everything that was not returned by ``finish()``.
    package func cancel() {
        parts.cancel()
    }

    /// The only part has no number; several are numbered from 1.
    private func partName(at position: Int, of count: Int) -> InboundFileName {
        var name = name
        name.part = count > 1 ? position + 1 : nil
        return name
    }
}
