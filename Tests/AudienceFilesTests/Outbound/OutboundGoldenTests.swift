// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

/// Outbound files are byte for byte those that `Golden/make-golden` made with awk and md5sum.
@Suite struct OutboundGoldenTests {
    private struct Member {
        var id: String
        var added: [UInt32]
        var removed: [UInt32]
    }

    private static let aliases = ["24", "26", "VIP-Customers", "10603117", "gr\u{F6}\u{DF}e"]

    private let folder = "\(#filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined())/Golden"

    private func golden(_ name: String) throws -> [UInt8] {
        let source = try FileDescriptorSource(path: "\(folder)/\(name)")
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try buffer.withUnsafeMutableBytes { (room) throws(AudienceFileError) in
                try source.read(into: room)
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private func members() throws -> [Member] {
        func positions(_ list: Substring) -> [UInt32] {
            list.split(separator: ",").compactMap { alias in
                Self.aliases.firstIndex(of: String(alias)).map(UInt32.init)
            }
        }
        return String(decoding: try golden("members.tsv"), as: UTF8.self).split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            return Member(id: String(fields[0]), added: positions(fields[1]), removed: positions(fields[2]))
        }
    }

    private func write(
        _ members: [Member],
        _ template: OutboundTemplate,
        _ values: OutboundValues,
        isGzip: Bool = false,
        into folder: TemporaryFolder
    ) throws -> OutboundFileSet {
        let renderer = try LineRenderer(
            template,
            values: values,
            segments: Self.aliases.enumerated().map { OutboundSegment(alias: $1, number: $0) }
        )
        let lines = RenderedLines()
        for member in members {
            let problem = renderer.append(
                id: member.id,
                added: member.added,
                removed: member.removed,
                to: lines
            )
            #expect(problem == .none || problem == .noSegments)
        }
        let writer = OutboundFileWriter(
            folder: folder.path,
            names: try template.fileNames(values, isGzip: isGzip),
            header: template.headerLines(values),
            maximumPartByteCount: 110_000
        )
        try writer.append(lines)
        return try #require(try writer.finish())
    }

    private func expectGolden(_ set: OutboundFileSet, root: String, in folder: TemporaryFolder) throws {
        #expect(folder.names == ["\(root).info", "\(root).sync"])
        #expect(try folder.bytes(of: "\(root).sync") == golden("\(root).sync"))
        #expect(try folder.bytes(of: "\(root).info") == golden("\(root).info"))
    }

    @Test func `a full file in the standard form is the golden one`() throws {
        let folder = try TemporaryFolder()
        let template = OutboundTemplate.standard(key: .declaredID, hasAlias: false)
        let set = try write(members(), template, .sample(mode: .full, alias: nil), into: folder)
        try expectGolden(set, root: "s3_1234_20914_full_1486140844000", in: folder)
    }

    @Test(arguments: OutboundValues.Key.allCases)
    func `a file of changes in the standard form is the golden one`(key: OutboundValues.Key) throws {
        let folder = try TemporaryFolder()
        var values = OutboundValues.sample(key: key, alias: "XYZCustomer")
        values.syncType = .ftp
        let set = try write(members(), .standard(key: key, hasAlias: true), values, into: folder)
        try expectGolden(set, root: "ftp_1234_20914_XYZCustomer_iter_1486140844000", in: folder)
    }

    @Test func `a file with a template of its own is the golden one`() throws {
        let folder = try TemporaryFolder()
        var values = OutboundValues.sample()
        values.syncType = .http
        let template = try OutboundTemplate(
            fileName: "<SYNC_TYPE>_<ORDER_ID>_<MASTER_DPID>_json_<SYNC_MODE>_"
                + #"<TIMESTAMP; format="YYYYMMDDhhmmss">.sync"#,
            header: "# <ORDER_ID><TAB><SYNC_MODE><NEW_LINE># export",
            content: #"{"TDID":"<DP_UUID>","Data":["#
                + #"<SEGMENT_LIST:{s|<OPEN_CURLY_BRACKET>"Name":"<s.alias>"<CLOSE_CURLY_BRACKET>}; separator=",">"#
                + "<if(SEGMENT_LIST && REMOVED_SEGMENT_LIST)><COMMA><endif>"
                + #"<REMOVED_SEGMENT_LIST:{s|\{"Name":"<s.alias>","TtlInMinutes":0\}}; separator=",">]}"#
        )
        let set = try write(members(), template, values, into: folder)
        try expectGolden(set, root: "http_1234_20914_json_iter_20170203165404", in: folder)
    }

    @Test func `the parts of a large file are those of the golden control file`() throws {
        let folder = try TemporaryFolder()
        var values = OutboundValues.sample(mode: .full, alias: nil)
        values.timestamp = 1_486_140_900_000
        let people = (1...6000).map { number in
            let digits = String(number)
            let id = String(repeating: "0", count: 38 - digits.count) + digits
            return Member(id: id, added: [0, 3], removed: [])
        }
        let set = try write(people, .standard(key: .declaredID, hasAlias: false), values, into: folder)
        #expect(set.parts.map(\.name).sorted() == folder.names.filter { $0.hasSuffix(".sync") })
        let root = "s3_1234_20914_full_1486140900000"
        #expect(try folder.bytes(of: "\(root).info") == golden("\(root).info"))
    }

    @Test func `the text of a compressed file is the golden one's`() throws {
        let folder = try TemporaryFolder()
        let template = OutboundTemplate.standard(key: .declaredID, hasAlias: false)
        let set = try write(members(), template, .sample(mode: .full, alias: nil), isGzip: true, into: folder)
        let part = try #require(set.parts.first)
        let reader = LineBlockReader(source: try FileDescriptorSource(path: part.path), isGzip: true)
        #expect(try ReadingPieces(reader).text == golden("s3_1234_20914_full_1486140844000.sync"))
    }

    @Test func `a set of another hub is read as its control file says`() throws {
        let control = try ControlFile(parsing: golden("ftp_1234_45454_full_1500727351632.info"))
        try control.verifyTotals()
        var text: [String] = []
        for entry in control.entries {
            let name = try #require(OutboundFileName(parsing: entry.name))
            #expect(name.part == entry.sequenceNumber)
            let source = try FileDescriptorSource(path: "\(folder)/\(entry.name)")
            let reader = LineBlockReader(source: source, wantsMD5: true)
            let lines = String(decoding: try ReadingPieces(reader).text, as: UTF8.self).split(separator: "\n")
            #expect(reader.digest?.byteCount == entry.byteCount)
            #expect(reader.digest?.md5 == entry.md5)
            #expect(lines.count == entry.lineCount)
            text += lines.map(String.init)
        }
        let whole = String(decoding: try golden("s3_1234_20914_full_1486140844000.sync"), as: UTF8.self)
        #expect(text.sorted() == whole.split(separator: "\n").map(String.init).sorted())
    }
}
