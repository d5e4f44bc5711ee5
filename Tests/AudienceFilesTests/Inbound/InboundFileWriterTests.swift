// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Glibc
import Testing

@Suite struct InboundFileWriterTests {
    private let name = InboundFileName(dataSource: 478, timestamp: 1_366_545_717, compression: .gzip)

    private func append(_ text: String, to writer: InboundFileWriter) throws {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (bytes) throws(AudienceFileError) in
            try writer.append(lines: UnsafeRawBufferPointer(bytes), count: bytes.count { $0 == 0x0A })
        }
    }

    private func lines(_ range: Range<Int>) -> String {
        range.map { "user-\($0 + 1_000_000)\td_sid=24\n" }.joined()
    }

    @Test func `one part has no number, and its name, sizes and checksums are stated`() throws {
        let folder = try TemporaryFolder()
        var plain = name
        plain.compression = .none
        let writer = InboundFileWriter(folder: folder.path, name: plain, wantsMD5: true)
        try append("a\td_sid=24\n", to: writer)
        #expect(folder.names == [".ftp_dpm_478_1366545717.sync.1.partial"])
        try append("b\td_sid=24\nc\td_sid=24,d_sid=25\n", to: writer)
        let parts = try writer.finish()
        #expect(folder.names == ["ftp_dpm_478_1366545717.sync"])
        let text = "a\td_sid=24\nb\td_sid=24\nc\td_sid=24,d_sid=25\n"
        #expect(try folder.bytes(of: "ftp_dpm_478_1366545717.sync") == Array(text.utf8))
        let digest = FileDigest(wantsMD5: true)
        Array(text.utf8).withUnsafeBytes { digest.update($0) }
        #expect(
            parts == [
                InboundFilePart(
                    name: plain,
                    path: "\(folder.path)/ftp_dpm_478_1366545717.sync",
                    digest: digest.finish(),
                    textByteCount: text.utf8.count,
                    lineCount: 3
                )
            ]
        )
    }

    @Test func `a compressed part starts with the fixed header and holds the lines`() throws {
        let folder = try TemporaryFolder()
        let writer = InboundFileWriter(folder: folder.path, name: name)
        try append(lines(0..<40_000), to: writer)
        let part = try #require(try writer.finish().first)
        let bytes = try folder.bytes(of: "ftp_dpm_478_1366545717.sync.gz")
        #expect(Array(bytes.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
        #expect(part.digest.byteCount == bytes.count)
        #expect(bytes.count < part.textByteCount / 3)
        let reader = LineBlockReader(source: try FileDescriptorSource(path: part.path), isGzip: true)
        #expect(try ReadingPieces(reader).text == Array(lines(0..<40_000).utf8))
        #expect(reader.digest == part.digest)
    }

    @Test func `the same lines give the same bytes, however they are handed in`() throws {
        let whole = try TemporaryFolder()
        let piecemeal = try TemporaryFolder()
        let first = InboundFileWriter(folder: whole.path, name: name)
        try append(lines(0..<60_000), to: first)
        let second = InboundFileWriter(folder: piecemeal.path, name: name)
        for start in stride(from: 0, to: 60_000, by: 7) {
            try append(lines(start..<min(start + 7, 60_000)), to: second)
        }
        #expect(try first.finish().map(\.digest) == second.finish().map(\.digest))
    }

    @Test func `parts are split between lines, numbered from 1 and complete`() throws {
        let folder = try TemporaryFolder()
        let text = lines(0..<20_000)
        let lineByteCount = lines(0..<1).utf8.count
        let writer = InboundFileWriter(folder: folder.path, name: name, maximumPartByteCount: 110_000)
        try append(text, to: writer)
        #expect(writer.lineCount == 20_000)
        let parts = try writer.finish()
        #expect(parts.count == (20_000 + 110_000 / lineByteCount - 1) / (110_000 / lineByteCount))
        #expect(parts.map(\.name.part) == (1...parts.count).map { $0 })
        #expect(folder.names == parts.map(\.name.description).sorted())
        #expect(parts.map(\.lineCount).reduce(0, +) == 20_000)
        #expect(parts.allSatisfy { $0.textByteCount <= 110_000 })
        var joined: [UInt8] = []
        for part in parts {
            let pieces = try ReadingPieces(LineBlockReader(source: FileDescriptorSource(path: part.path)))
            #expect(pieces.text.count == part.textByteCount)
            #expect(pieces.text.count { $0 == 0x0A } == part.lineCount)
            #expect(pieces.text.last == 0x0A)
            joined += pieces.text
        }
        #expect(joined == Array(text.utf8))
    }

    @Test func `a part is filled to the last byte before the next one starts`() throws {
        let folder = try TemporaryFolder()
        let line = String(repeating: "i", count: 51_195) + "\t24:0\n"
        #expect(line.utf8.count == 51_201)
        let writer = InboundFileWriter(folder: folder.path, name: name, maximumPartByteCount: 102_402)
        for _ in 0..<4 { try append(line, to: writer) }
        #expect(try writer.finish().map(\.lineCount) == [2, 2])
    }

    @Test func `a line longer than the limit is refused and nothing of it is written`() throws {
        let folder = try TemporaryFolder()
        let writer = InboundFileWriter(folder: folder.path, name: name)
        let fits = String(repeating: "i", count: 102_398) + "\t1\n"
        try append(fits, to: writer)
        #expect(throws: AudienceFileError.lineTooLong(line: 3, limit: 102_400)) {
            try append("a\t1\ni" + fits, to: writer)
        }
        #expect(try writer.finish().map(\.lineCount) == [1])
    }

    @Test func `without lines there is no file`() throws {
        let folder = try TemporaryFolder()
        let writer = InboundFileWriter(folder: folder.path, name: name)
        try append("", to: writer)
        #expect(try writer.finish() == [])
        #expect(folder.names == [])
    }

    @Test func `a full disk is reported and leaves nothing behind`() throws {
        let folder = try TemporaryFolder()
        let room = FullDisk(byteCount: 150_000)
        let writer = InboundFileWriter(
            folder: folder.path,
            name: name,
            maximumPartByteCount: 400_000,
            write: room.write
        )
        #expect(throws: AudienceFileError.writeFailed(errno: ENOSPC)) {
            for start in stride(from: 0, to: 400_000, by: 1000) {
                try append(lines(start..<(start + 1000)), to: writer)
            }
            _ = try writer.finish()
        }
        #expect(room.byteCount == 0)
        #expect(folder.names == [])
    }

    @Test func `a disk that is full at the last flush is reported too`() throws {
        let folder = try TemporaryFolder()
        let writer = InboundFileWriter(folder: folder.path, name: name, write: FullDisk(byteCount: 3).write)
        try append(lines(0..<10), to: writer)
        #expect(throws: AudienceFileError.writeFailed(errno: ENOSPC)) { try writer.finish() }
        #expect(folder.names == [])
    }

    @Test func `when a part cannot get its name, those before it go too`() throws {
        let folder = try TemporaryFolder()
        let obstacle = "\(folder.path)/ftp_dpm_478_1366545717.sync.2.gz"
        #expect(mkdir(obstacle, 0o700) == 0)
        defer { rmdir(obstacle) }
        let writer = InboundFileWriter(folder: folder.path, name: name, maximumPartByteCount: 110_000)
        try append(lines(0..<20_000), to: writer)
        #expect(throws: AudienceFileError.writeFailed(errno: EISDIR)) { try writer.finish() }
        #expect(folder.names == ["ftp_dpm_478_1366545717.sync.2.gz"])
    }

    @Test func `a missing folder is reported`() throws {
        let folder = try TemporaryFolder()
        let writer = InboundFileWriter(folder: "\(folder.path)/nowhere", name: name)
        #expect(throws: AudienceFileError.writeFailed(errno: ENOENT)) { try append(lines(0..<1), to: writer) }
    }

    @Test
    func `a writer that is dropped or cancelled leaves nothing, and what a killed run left is replaced`()
        throws
    {
        let folder = try TemporaryFolder()
        let stale = open(
            "\(folder.path)/.ftp_dpm_478_1366545717.sync.gz.1.partial",
            O_WRONLY | O_CREAT,
            0o600
        )
        #expect(write(stale, "stale", 5) == 5)
        close(stale)
        do {
            let writer = InboundFileWriter(folder: folder.path, name: name, maximumPartByteCount: 110_000)
            try append(lines(0..<20_000), to: writer)
            #expect(folder.names.count > 2)
        }
        #expect(folder.names == [])
        let writer = InboundFileWriter(folder: folder.path, name: name)
        try append(lines(0..<10), to: writer)
        writer.cancel()
        #expect(folder.names == [])
    }
}
