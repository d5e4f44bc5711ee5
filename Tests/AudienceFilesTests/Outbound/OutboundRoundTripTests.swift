// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Surroundings
import Testing

/// Whatever is written in a form that the reader knows is read back the same.
@Suite struct OutboundRoundTripTests {
    private struct Person: Equatable {
        var id: String
        var added: [String]
        var removed: [String]
    }

    private static let contents = [
        OutboundTemplate.standard(key: .declaredID, hasAlias: false).content,
        #"<DP_UUID><TAB><SEGMENT_LIST><TAB><REMOVED_SEGMENT_LIST; separator=",">"#,
        #"<DP_UUID> <SEGMENT_LIST:{s|<s.alias>}; separator=COMMA> <REMOVED_SEGMENT_LIST>"#,
    ]

    private func segments(_ numbers: inout SeededNumbers) -> [OutboundSegment] {
        (0..<50).map { position in
            let text = [
                "\(position)", "Gr\u{F6}\u{DF}e-\(position)", String(repeating: "s", count: position + 1),
            ]
            return OutboundSegment(alias: text[Int(numbers.next() % 3)], number: position)
        }
    }

    private func id(_ numbers: inout SeededNumbers) -> String {
        let letters = Array("0123456789abcdefABCDEF-_.@\u{E9}\u{20AC}, ")
        return String(
            (0..<Int(numbers.next() % 40)).map { _ in letters[Int(numbers.next() % UInt64(letters.count))] }
        )
    }

    @Test(arguments: contents, [true, false])
    func `random people come back from random parts`(content: String, isGzip: Bool) throws {
        var numbers = SeededNumbers(seed: isGzip ? 31 : 37)
        let folder = try TemporaryFolder()
        let segments = segments(&numbers)
        let template = try OutboundTemplate(
            fileName: OutboundTemplate.standard(key: .declaredID, hasAlias: true).fileName,
            content: content
        )
        let renderer = try LineRenderer(template, values: .sample(), segments: segments)
        let writer = OutboundFileWriter(
            folder: folder.path,
            names: try template.fileNames(.sample(), isGzip: isGzip),
            maximumPartByteCount: 105_000
        )
        var expected: [Person] = []
        let lines = RenderedLines(byteCount: 1)
        for _ in 0..<12_000 {
            let id = id(&numbers)
            let added = (0..<Int(numbers.next() % 4)).map { _ in UInt32(numbers.next() % 50) }
            let removed = (0..<Int(numbers.next() % 3)).map { _ in UInt32(numbers.next() % 50) }
            if renderer.append(id: id, added: added, removed: removed, to: lines) == .none {
                expected.append(
                    Person(
                        id: id,
                        added: added.map { segments[Int($0)].alias },
                        removed: removed.map { segments[Int($0)].alias }
                    )
                )
            }
            if numbers.next() % 50 == 0 {
                #expect(lines.count <= expected.count)
                try writer.append(lines)
                lines.removeAll()
            }
        }
        try writer.append(lines)
        #expect(expected.count > 4000)
        let set = try #require(try writer.finish())
        #expect(set.parts.count > 1)
        #expect(set.lineCount == expected.count)
        #expect(try people(in: set) == expected)
    }

    private func people(in set: OutboundFileSet) throws -> [Person] {
        var people: [Person] = []
        var parsed = ParsedLines()
        for (number, part) in set.parts.enumerated() {
            let name = try #require(OutboundFileName(parsing: part.name))
            #expect(name.part == number)
            let text = try ReadingPieces(LineBlockReader(source: FileDescriptorSource(path: part.path))).text
            text.withUnsafeBytes { bytes in
                OutboundLineParser.parse(bytes, into: &parsed)
                #expect(parsed.problemCount == 0)
                for line in parsed.lines {
                    let added = line.addedSegments(in: bytes)
                    let removed = line.removedSegments(in: bytes)
                    #expect(added.problem == nil)
                    #expect(removed.problem == nil)
                    people.append(
                        Person(
                            id: String(decoding: line.id.bytes(in: bytes), as: UTF8.self),
                            added: added.map(\.text),
                            removed: removed.map(\.text)
                        )
                    )
                }
            }
        }
        return people
    }

    @Test func `workers share a renderer`() async throws {
        let renderer = try LineRenderer(
            OutboundTemplate.standard(key: .visitorID, hasAlias: false),
            values: .sample(mode: .full, key: .visitorID),
            segments: [OutboundSegment(alias: "24", number: 24)]
        )
        let texts = await withTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let lines = RenderedLines(byteCount: 1)
                    for number in 0..<2000 {
                        _ = renderer.append(id: "\(number)", added: [0], to: lines)
                    }
                    return Array(lines.bytes)
                }
            }
            return await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(texts == [Array((0..<2000).map { "\($0) 24\n" }.joined().utf8)])
    }
}
