// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Glibc
import Testing

@Suite struct OutboundFileWriterTests {
    private static let root = "s3_1234_20914_iter_1486140844000"

    private func names(isGzip: Bool = false) throws -> OutboundFileNames {
        try OutboundTemplate.standard(key: .declaredID, hasAlias: false)
            .fileNames(.sample(), isGzip: isGzip)
    }

    private func append(_ text: String, to writer: OutboundFileWriter) throws {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (bytes) throws(AudienceFileError) in
            try writer.append(lines: UnsafeRawBufferPointer(bytes), count: bytes.count { $0 == 0x0A })
        }
    }

    private func lines(_ range: Range<Int>) -> String {
        range.map { "user-\($0 + 1_000_000) 24,25\n" }.joined()
    }

    @Test func `one part and its control file are stated with sizes, lines and checksums`() throws {
        let folder = try TemporaryFolder()
        let writer = OutboundFileWriter(folder: folder.path, names: try names())
        try append("a 24\nb 24,25\n", to: writer)
        #expect(folder.names == [".\(Self.root).sync.1.partial"])
        let set = try #require(try writer.finish())
        #expect(folder.names == ["\(Self.root).info", "\(Self.root).sync"])
        let part = try #require(set.parts.first)
        #expect(try folder.bytes(of: part.name) == Array("a 24\nb 24,25\n".utf8))
        #expect(part.path == "\(folder.path)/\(Self.root).sync")
        #expect(part.digest.md5 == "68ec1cefff4824da906cb63272474927")
        #expect(part.digest.byteCount == 13)
        #expect(part.lineCount == 2)
        #expect(set.lineCount == 2)
        let info = try folder.bytes(of: "\(Self.root).info")
        #expect(
            String(decoding: info, as: UTF8.self)
                == #"{"Files":[{"FileByteSize":13,"FileLineCount":2,"FileName":"\#(Self.root).sync","#
                + #""FileSequenceNumber":1,"md5":"68ec1cefff4824da906cb63272474927"}],"Totals":{"FileName":"#
                + #""\#(Self.root).sync","TotalByteSize":13,"TotalNumberFiles":1,"TotalNumberLines":2}}"#
                + "\n"
        )
        let control = try #require(set.controlFile)
        let digest = FileDigest(wantsMD5: true)
        info.withUnsafeBytes { digest.update($0) }
        #expect(control.digest == digest.finish())
        #expect(control.name == "\(Self.root).info")
    }

    @Test func `parts are split between lines, each with the header, and counted with it`() throws {
        let folder = try TemporaryFolder()
        let header = Array("first header\n\n".utf8)
        let writer = OutboundFileWriter(
            folder: folder.path,
            names: try names(isGzip: true),
            header: header,
            maximumPartByteCount: 110_000
        )
        try append(lines(0..<20_000), to: writer)
        let set = try #require(try writer.finish())
        #expect(set.lineCount == 20_000)
        #expect(
            set.parts.map(\.name)
                == ["", "001", "002", "003"].map { "\(Self.root)\($0).sync.gz" }
        )
        var text: [UInt8] = []
        for part in set.parts {
            let reader = LineBlockReader(source: try FileDescriptorSource(path: part.path), wantsMD5: true)
            let pieces = try ReadingPieces(reader)
            #expect(reader.digest == part.digest)
            #expect(pieces.text.starts(with: header))
            #expect(pieces.text.count == part.textByteCount)
            #expect(pieces.text.count <= 110_000)
            #expect(pieces.text.count { $0 == 0x0A } == part.lineCount)
            text += pieces.text.dropFirst(header.count)
        }
        #expect(text == Array(lines(0..<20_000).utf8))

        let control = try ControlFile(parsing: try folder.bytes(of: "\(Self.root).info"))
        try control.verifyTotals()
        #expect(control.entries.map(\.name) == set.parts.map(\.name))
        #expect(control.entries.map(\.sequenceNumber) == [1, 2, 3, 4])
        #expect(control.entries.map(\.byteCount) == set.parts.map(\.digest.byteCount))
        #expect(control.entries.map(\.md5) == set.parts.map(\.digest.md5))
        #expect(control.totals.lineCount == 20_000 + 2 * 4)
        #expect(control.totals.name == "\(Self.root).sync")
    }

    @Test func `the same lines give the same bytes, however they are handed in`() throws {
        let whole = try TemporaryFolder()
        let piecemeal = try TemporaryFolder()
        let first = OutboundFileWriter(folder: whole.path, names: try names(isGzip: true))
        try append(lines(0..<60_000), to: first)
        let second = OutboundFileWriter(folder: piecemeal.path, names: try names(isGzip: true))
        for start in stride(from: 0, to: 60_000, by: 7) {
            try append(lines(start..<min(start + 7, 60_000)), to: second)
        }
        let sets = [try #require(try first.finish()), try #require(try second.finish())]
        #expect(sets[0].parts.map(\.digest) == sets[1].parts.map(\.digest))
        #expect(sets[0].controlFile?.digest == sets[1].controlFile?.digest)
        let bytes = try whole.bytes(of: "\(Self.root).sync.gz")
        #expect(Array(bytes.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    }

    @Test func `without lines there is no file, whatever the header`() throws {
        let folder = try TemporaryFolder()
        let writer = OutboundFileWriter(
            folder: folder.path,
            names: try names(),
            header: Array("header\n".utf8)
        )
        try writer.append(RenderedLines())
        #expect(try writer.finish() == nil)
        #expect(folder.names == [])
    }

    @Test func `a control file is only made if wanted`() throws {
        let folder = try TemporaryFolder()
        let writer = OutboundFileWriter(folder: folder.path, names: try names(), wantsControlFile: false)
        try append("a 24\n", to: writer)
        #expect(try writer.finish()?.controlFile == nil)
        #expect(folder.names == ["\(Self.root).sync"])
    }

    @Test func `when the control file cannot get its name, the data goes too`() throws {
        let folder = try TemporaryFolder()
        let obstacle = "\(folder.path)/\(Self.root).info"
        #expect(mkdir(obstacle, 0o700) == 0)
        defer { rmdir(obstacle) }
        let writer = OutboundFileWriter(folder: folder.path, names: try names())
        try append(lines(0..<10), to: writer)
        #expect(throws: AudienceFileError.writeFailed(errno: EISDIR)) { try writer.finish() }
        #expect(folder.names == ["\(Self.root).info"])
    }

    @Test func `a disk that is full before the control file leaves nothing behind`() throws {
        let folder = try TemporaryFolder()
        let room = FullDisk(byteCount: 60)
        let writer = OutboundFileWriter(folder: folder.path, names: try names(), write: room.write)
        try append("a 24\n", to: writer)
        #expect(throws: AudienceFileError.writeFailed(errno: ENOSPC)) { try writer.finish() }
        #expect(room.byteCount == 0)
        #expect(folder.names == [])
    }

    @Test func `a writer that is dropped or cancelled leaves nothing`() throws {
        let folder = try TemporaryFolder()
        do {
            let writer = OutboundFileWriter(
                folder: folder.path,
                names: try names(),
                maximumPartByteCount: 110_000
            )
            try append(lines(0..<20_000), to: writer)
            #expect(folder.names.count > 2)
        }
        #expect(folder.names == [])
        let writer = OutboundFileWriter(folder: folder.path, names: try names())
        try append(lines(0..<10), to: writer)
        writer.cancel()
        #expect(folder.names == [])
    }
}
