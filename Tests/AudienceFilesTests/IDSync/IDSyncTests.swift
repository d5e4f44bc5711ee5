// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Glibc
import Testing

@Suite struct IDSyncTests {
    /// The rows of a text and the number of those ignored.
    private func read(
        _ text: String,
        columnCount: Int = 2,
        blockByteCount: Int = 1 << 20
    ) throws(AudienceFileError) -> (rows: [[String]], ignored: Int) {
        let reader = IDSyncReader(
            LineBlockReader(
                source: MemorySource(Array(text.utf8)),
                maximumLineByteCount: 40,
                blockByteCount: blockByteCount
            )
        )
        var rows = IDSyncRows(columnCount: columnCount)
        var texts: [[String]] = []
        while let piece = try reader.next(into: &rows) {
            guard case .rows(let block) = piece else { continue }
            for row in 0..<rows.count {
                texts.append(
                    (0..<columnCount).map {
                        String(decoding: rows.id(row: row, column: $0, in: block.bytes), as: UTF8.self)
                    }
                )
            }
            reader.recycle(block)
        }
        return (texts, reader.ignoredRowCount)
    }

    @Test func `rows are read as columns`() throws {
        let result = try read("596\tcrm 1\n597\tcrm-2\r\n598\t\u{E9}", blockByteCount: 46)
        #expect(result.rows == [["596", "crm 1"], ["597", "crm-2"], ["598", "\u{E9}"]])
        #expect(result.ignored == 0)
        #expect(try read("1\t2\t3\n", columnCount: 3).rows == [["1", "2", "3"]])
    }

    @Test func `a row that ends in a tab or a blank is ignored and counted`() throws {
        let result = try read("1\ta\n2\tb\t\n3\tc \n4\t\n\n\t5\n6\tf\n")
        #expect(result.rows == [["1", "a"], ["6", "f"]])
        #expect(result.ignored == 5)
    }

    @Test func `each ignored row is told with its line, its text and what is wrong, over blocks`() throws {
        let text = "1\ta\n2\tb\t\r\n3\tc \n\n\t5\n4\t\t\nx\u{0}\ty\n5\te\n"
        let bytes = Array(text.utf8) + [0x36, 0x09, 0xFF, 0x0A] + Array("7\tg".utf8)
        let reader = IDSyncReader(
            LineBlockReader(source: MemorySource(bytes), maximumLineByteCount: 10, blockByteCount: 16)
        )
        var rows = IDSyncRows(columnCount: 2)
        var ignored: [String] = []
        var taken: [String] = []
        while case .rows(let block)? = try reader.next(into: &rows) {
            for row in rows.ignored {
                let text = String(decoding: row.span.bytes(in: block.bytes), as: UTF8.self)
                ignored.append("\(row.line) \(row.problem) \(text)")
            }
            for row in 0..<rows.count {
                let text = String(decoding: rows.text(row: row, in: block.bytes), as: UTF8.self)
                taken.append("\(rows.line(of: row)) \(text)")
            }
            reader.recycle(block)
        }
        #expect(taken == ["1 1\ta", "8 5\te", "10 7\tg"])
        #expect(
            ignored == [
                "2 trailingSeparator 2\tb\t", "3 trailingSeparator 3\tc ", "4 empty ", "5 emptyID \t5",
                "6 trailingSeparator 4\t\t", "7 nulByte x\u{0}\ty", "9 invalidUTF8 6\t\u{FFFD}",
            ]
        )
        #expect((reader.rowCount, reader.ignoredRowCount) == (3, 7))
    }

    @Test func `a row with another number of columns refuses the file`() {
        #expect(throws: AudienceFileError.columnCount(line: 2, expected: 2, actual: 3)) {
            _ = try read("1\ta\n2\tb\tc\n3\td\n")
        }
        #expect(throws: AudienceFileError.columnCount(line: 3, expected: 2, actual: 1)) {
            _ = try read("1\ta\n2\tb\n3\n")
        }
    }

    @Test func `the line of a refusal is counted over blocks`() {
        let rows = (0..<100).map { "\($0)\tcustomer\n" }.joined()
        #expect(throws: AudienceFileError.columnCount(line: 101, expected: 2, actual: 1)) {
            _ = try read(rows + "one\n", blockByteCount: 64)
        }
    }

    @Test func `a row that fits no block is handed out in fragments, and the file goes on`() throws {
        let long = "2\t" + String(repeating: "b", count: 100)
        for end in ["\n3\tc\n", "\n", ""] {
            let text = "1\ta\n\(long)\(end)"
            let result = try read(text, blockByteCount: 50)
            #expect(result.rows == [["1", "a"]] + (end.count > 1 ? [["3", "c"]] : []))
            #expect(result.ignored == 1)
            let reader = IDSyncReader(
                LineBlockReader(
                    source: MemorySource(Array(text.utf8)),
                    maximumLineByteCount: 40,
                    blockByteCount: 50
                )
            )
            var rows = IDSyncRows(columnCount: 2)
            var row = ""
            var places: [String] = []
            while let piece = try reader.next(into: &rows) {
                guard case .overlong(let block, let line, let isFirst, let isLast) = piece else { continue }
                row += String(decoding: block.bytes, as: UTF8.self)
                places.append("\(line) \(isFirst) \(isLast)")
            }
            #expect(row == long + end.prefix(1))
            #expect(places.first == "2 true false")
            #expect(places.last == "2 false true")
            #expect(places.dropFirst().dropLast().allSatisfy { $0 == "2 false false" })
        }
    }

    @Test func `a row of more than the largest size is ignored with the others`() throws {
        let long = "2\t" + String(repeating: "b", count: 102_399)
        let text = Array("1\ta\n\(long)\n\(long.dropLast())\n".utf8)
        let reader = IDSyncReader(LineBlockReader(source: MemorySource(text)))
        var rows = IDSyncRows(columnCount: 2)
        while case .rows(let block)? = try reader.next(into: &rows) {
            #expect(rows.ignored.map(\.problem) == [.tooLong])
            #expect(rows.ignored.map(\.line) == [2])
            #expect((0..<rows.count).map { rows.line(of: $0) } == [1, 3])
            reader.recycle(block)
        }
        #expect((reader.rowCount, reader.ignoredRowCount) == (2, 1))
    }

    @Test(arguments: [true, false])
    func `what is written is read again`(isGzip: Bool) throws {
        let folder = try TemporaryFolder()
        let name = IDSyncFileName(dataSources: [0, 12345], timestamp: 1_476_312_152, isGzip: isGzip)
        let writer = IDSyncWriter(folder: folder.path, name: name)
        try writer.append(["596", "crm 1"])
        try writer.append(["597", "\u{E9}"])
        let digest = try #require(try writer.finish())
        #expect(writer.rowCount == 2)
        #expect(folder.names == [name.description])
        let reader = LineBlockReader(source: try FileDescriptorSource(path: "\(folder.path)/\(name)"))
        #expect(try ReadingPieces(reader).text == Array("596\tcrm 1\n597\t\u{E9}\n".utf8))
        #expect(reader.digest == digest)
    }

    @Test func `a row that could not be read again is refused and the file goes on`() throws {
        let folder = try TemporaryFolder()
        let name = IDSyncFileName(dataSources: [0, 12345], timestamp: 1_476_312_152, isGzip: false)
        let writer = IDSyncWriter(folder: folder.path, name: name)
        for id in ["", " a", "a ", "a\tb", "a\nb", "a\r", "\0"] {
            #expect(throws: AudienceFileError.unwritableValue(line: 1, column: 2)) {
                try writer.append(["1", id])
            }
        }
        #expect(throws: AudienceFileError.columnCount(line: 1, expected: 2, actual: 1)) {
            try writer.append(["1"])
        }
        #expect(throws: AudienceFileError.lineTooLong(line: 1, limit: 102_400)) {
            try writer.append(["1", String(repeating: "a", count: 102_399)])
        }
        try writer.append(["1", String(repeating: "a", count: 102_398)])
        #expect(try writer.finish()?.byteCount == 102_401)
    }

    @Test func `without rows, or when it is dropped, there is no file`() throws {
        let folder = try TemporaryFolder()
        let name = IDSyncFileName(dataSources: [0, 12345], timestamp: 1_476_312_152, isGzip: false)
        #expect(try IDSyncWriter(folder: folder.path, name: name).finish() == nil)
        do {
            let writer = IDSyncWriter(folder: folder.path, name: name)
            try writer.append(["1", "2"])
            #expect(folder.names.count == 1)
        }
        #expect(folder.names == [])
    }

    @Test func `a full disk is reported and leaves nothing behind`() throws {
        let folder = try TemporaryFolder()
        let name = IDSyncFileName(dataSources: [0, 12345], timestamp: 1_476_312_152, isGzip: false)
        do {
            let writer = IDSyncWriter(folder: folder.path, name: name) { _, _, _ in
                errno = ENOSPC
                return -1
            }
            try writer.append(["1", "2"])
            #expect(throws: AudienceFileError.writeFailed(errno: ENOSPC)) { try writer.finish() }
        }
        #expect(folder.names == [])
    }
}
