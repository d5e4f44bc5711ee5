// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Surroundings
import Testing

/// Random bytes through everything that reads: nothing crashes, and every byte belongs to a line.
@Suite struct RandomBytesTests {
    @Test(arguments: 0..<8)
    func `every byte of a random file is accounted for`(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        for round in 0..<150 {
            let text = [UInt8(ascii: "i")] + numbers.bytes(count: Int(numbers.next() % 3000))
            let reader = LineBlockReader(
                source: MemorySource(text, maximumReadByteCount: 1 + Int(numbers.next() % 500)),
                maximumLineByteCount: 100,
                blockByteCount: 128 + round
            )
            let account = try Account(reader)
            let ends = text.count { $0 == 0x0A }
            #expect(account.byteCount == text.count)
            #expect(account.lineCount == ends + (text.last == 0x0A ? 0 : 1))
        }
    }

    @Test(arguments: 0..<4)
    func `random control files and names never crash`(seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed) + 100)
        let valid = Array(#"{"Files":[{"FileByteSize":1,"FileName":"a\u00e9"}],"Totals":{}}"#.utf8)
        for _ in 0..<3_000 {
            var bytes = valid
            for _ in 0..<(1 + numbers.next() % 4) {
                let position = Int(numbers.next() % UInt64(bytes.count))
                bytes[position] = numbers.bytes(count: 1)[0]
            }
            if let file = try? ControlFile(parsing: bytes) {
                #expect((try? ControlFile(parsing: file.encoded()))?.entries.count == file.entries.count)
            }
            let name = String(decoding: bytes, as: UTF8.self)
            #expect(OutboundFileName(parsing: name) == nil)
        }
    }

    @Test(arguments: 0..<4)
    func `a changed name is refused or written back as the same name`(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed) + 200)
        for _ in 0..<5_000 {
            var inbound = Array("ftp_dpm_478_567_1366545717.sync.1.gz".utf8)
            inbound[Int(numbers.next() % UInt64(inbound.count))] = numbers.bytes(count: 1)[0]
            if let name = InboundFileName(parsing: String(decoding: inbound, as: UTF8.self)) {
                #expect(InboundFileName(parsing: name.description) == name)
            }
            var sync = Array("adobe_id_0_12345_1476312152.sync.1.gz".utf8)
            sync[Int(numbers.next() % UInt64(sync.count))] = numbers.bytes(count: 1)[0]
            if let name = IDSyncFileName(parsing: String(decoding: sync, as: UTF8.self)) {
                #expect(IDSyncFileName(parsing: name.description) == name)
            }
        }
    }

    @Test(arguments: 0..<4)
    func `random ID-sync files are read or refused, and every line is counted`(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed) + 300)
        for _ in 0..<500 {
            let text = Array("id".utf8) + numbers.bytes(count: Int(numbers.next() % 60))
            let reader = IDSyncReader(LineBlockReader(source: MemorySource(text)))
            var rows = IDSyncRows(columnCount: 2)
            do throws(AudienceFileError) {
                while case .rows(let block)? = try reader.next(into: &rows) { reader.recycle(block) }
                let lineCount = text.count { $0 == 0x0A } + (text.last == 0x0A ? 0 : 1)
                #expect(reader.rowCount + reader.ignoredRowCount == lineCount)
            } catch {
                guard case .columnCount = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }
}

/// The lines of a file, taken apart by both grammars, with all their lists read.
private struct Account {
    var byteCount = 0
    var lineCount = 0

    init(_ reader: LineBlockReader) throws {
        var parsed = ParsedLines()
        while let piece = try reader.next() {
            switch piece {
            case .overlong(let block, let isLast):
                byteCount += block.bytes.count
                lineCount += isLast ? 1 : 0
                reader.recycle(block)
            case .lines(let block):
                InboundLineParser.parse(block.bytes, hasIDTypeColumn: true, into: &parsed)
                check(parsed, of: block.bytes)
                InboundLineParser.parse(block.bytes, into: &parsed)
                check(parsed, of: block.bytes)
                OutboundLineParser.parse(block.bytes, into: &parsed)
                check(parsed, of: block.bytes)
                byteCount += block.bytes.count
                lineCount += parsed.count
                reader.recycle(block)
            }
        }
    }

    /// Lines, and what ends them, cover the block without a gap; fields lie inside their line.
    private func check(_ parsed: ParsedLines, of block: UnsafeRawBufferPointer) {
        var position = 0
        for line in parsed.lines {
            #expect(line.line.range.lowerBound == position)
            position = line.line.range.upperBound
            if position < block.count, block[position] == 0x0D { position += 1 }
            if position < block.count, block[position] == 0x0A { position += 1 }
            for field in [line.id, line.added, line.removed] {
                #expect(field.range.lowerBound >= line.line.range.lowerBound)
                #expect(field.range.upperBound <= line.line.range.upperBound)
            }
            readLists(of: line, in: block)
        }
        #expect(position == block.count)
        #expect(parsed.problemCount == parsed.lines.count { $0.problem != .none })
    }

    private func readLists(of line: ParsedLine, in block: UnsafeRawBufferPointer) {
        let added = line.added.bytes(in: block)
        let commaCount = added.count { $0 == UInt8(ascii: ",") }
        var changeCount = 0
        for _ in line.addedSegments(in: block) { changeCount += 1 }
        #expect(changeCount == (added.isEmpty ? 0 : commaCount + 1))
        var signalCount = 0
        for _ in line.signals(in: block) { signalCount += 1 }
        #expect(signalCount <= commaCount + 1)
        #expect(added.isEmpty == (signalCount == 0))
    }
}
