// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct LineBlockReaderTests {
    @Test func `lines that straddle blocks arrive whole, for every size of line and block`() throws {
        for lineByteCount in 0...12 {
            for blockByteCount in 18...40 {
                let line = Array(repeating: UInt8(ascii: "x"), count: lineByteCount) + [0x0A]
                let text = Array("head\n".utf8) + (0..<20).flatMap { _ in line } + Array("tail".utf8)
                let pieces = try ReadingPieces.of(
                    text,
                    maximumReadByteCount: 5,
                    maximumLineByteCount: 12,
                    blockByteCount: blockByteCount
                )
                #expect(pieces.text == text)
                #expect(pieces.overlongByteCounts.isEmpty)
                #expect(pieces.largestByteCount <= blockByteCount)
            }
        }
    }

    @Test func `a line that does not fit a block comes in fragments, and lines go on behind it`() throws {
        for byteCount in 1...200 {
            let long = Array(repeating: UInt8(ascii: "y"), count: byteCount)
            for (head, tail) in [("", ""), ("a\n", ""), ("", "\n"), ("a b\n", "\nc d\ne f\n"), ("", "\ng")] {
                let text = Array(head.utf8) + long + Array(tail.utf8)
                let pieces = try ReadingPieces.of(
                    text,
                    maximumReadByteCount: 7,
                    maximumLineByteCount: 10,
                    blockByteCount: 16
                )
                #expect(pieces.text == text)
                #expect(pieces.largestByteCount <= 16)
                if byteCount > 16 {
                    #expect(pieces.overlongByteCounts == [byteCount + (tail.isEmpty ? 0 : 1)])
                } else if byteCount < 15 {
                    #expect(pieces.overlongByteCounts.isEmpty)
                }
            }
        }
    }

    @Test func `a line of 300 MB passes in bounded memory`() throws {
        let byteCount = 300 << 20
        let reader = LineBlockReader(source: OneLongLine(byteCount: byteCount))
        var fragmentByteCount = 0
        var lineBlocks: [[UInt8]] = []
        var storages: Set<ObjectIdentifier> = []
        while let piece = try reader.next() {
            switch piece {
            case .lines(let block):
                lineBlocks.append(Array(block.bytes))
                storages.insert(ObjectIdentifier(block))
                reader.recycle(block)
            case .overlong(let block, _):
                #expect(block.bytes.count <= 1 << 20)
                fragmentByteCount += block.bytes.count
                storages.insert(ObjectIdentifier(block))
                reader.recycle(block)
            }
        }
        #expect(fragmentByteCount == byteCount + 1)
        #expect(lineBlocks == [Array("a b\n".utf8)])
        #expect(storages.count <= 2)
        #expect(reader.digest?.byteCount == byteCount + 5)
    }

    @Test func `recycled blocks are used again`() throws {
        let text = Array(repeating: Array("0123456789\n".utf8), count: 1000).flatMap(\.self)
        let reader = LineBlockReader(
            source: MemorySource(text),
            maximumLineByteCount: 20,
            blockByteCount: 64
        )
        var blocks: Set<ObjectIdentifier> = []
        while case .lines(let block)? = try reader.next() {
            blocks.insert(ObjectIdentifier(block))
            reader.recycle(block)
        }
        #expect(blocks.count <= 2)
    }

    @Test func `blocks may be recycled from several threads while reading goes on`() async throws {
        let text = Array(repeating: Array("id 24\n".utf8), count: 200_000).flatMap(\.self)
        let reader = LineBlockReader(
            source: MemorySource(text),
            maximumLineByteCount: 20,
            blockByteCount: 4096
        )
        let lineCounts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var count = 0
                    while case .lines(let block)? = try reader.next() {
                        count += block.bytes.count { $0 == 0x0A }
                        reader.recycle(block)
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(lineCounts == 200_000)
    }

    @Test func `a UTF-8 byte order mark is skipped and belongs to no line`() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(
            try ReadingPieces.of(mark + Array("a b\n".utf8), maximumReadByteCount: 1).text
                == Array("a b\n".utf8)
        )
        #expect(
            try ReadingPieces.of(GzipMembers.stored(mark + Array("a b\n".utf8))).text == Array("a b\n".utf8)
        )
        #expect(try ReadingPieces.of(Array("a b\n".utf8) + mark).text == Array("a b\n".utf8) + mark)
        #expect(throws: AudienceFileError.empty) { try ReadingPieces.of(mark) }
    }

    @Test func `a file without a byte is empty, and its digest is known`() throws {
        let reader = LineBlockReader(source: MemorySource([]))
        #expect(throws: AudienceFileError.empty) { try reader.next() }
        #expect(reader.digest?.byteCount == 0)
        #expect(try ReadingPieces.of([0x0A]).text == [0x0A])
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x61, 0x00], UnsupportedEncoding.utf16),
            ([0xFE, 0xFF, 0x00, 0x61], .utf16),
            ([0x61, 0x00, 0x09, 0x00], .utf16), ([0x00, 0x61, 0x00, 0x09], .utf16),
            ([0xFF, 0xFE, 0x00, 0x00, 0x61], .utf32),
            ([0x00, 0x00, 0xFE, 0xFF, 0x61], .utf32),
            (Array("-----BEGIN PGP MESSAGE-----\n".utf8), .pgp),
            ([0x85, 0x02, 0x0C, 0x03, 0x84, 0x96], .pgp),
            ([0x84, 0x5E, 0x03, 0x84, 0x96, 0xCE], .pgp),
            ([0xC1, 0x5E, 0x03, 0x84, 0x96, 0xCE], .pgp),
            ([0xC1, 0xC0, 0x4C, 0x03, 0x84, 0x96], .pgp),
            ([0x8C, 0x0D, 0x04, 0x09, 0x03, 0x02], .pgp),
            ([0xC3, 0x0D, 0x04, 0x09, 0x03, 0x02], .pgp),
        ] as [([UInt8], UnsupportedEncoding)]
    )
    func `an encoding that is not read here is named`(bytes: [UInt8], encoding: UnsupportedEncoding) {
        #expect(throws: AudienceFileError.unsupportedEncoding(encoding)) { try ReadingPieces.of(bytes) }
        #expect(throws: AudienceFileError.unsupportedEncoding(encoding)) {
            try ReadingPieces.of(GzipMembers.stored(bytes))
        }
    }

    @Test func `a text that starts with an accent is no message`() throws {
        let text = Array("\u{E9}l\u{E8}ve-1 24\n\u{C1}-2 25\n".utf8)
        #expect(try ReadingPieces.of(text).text == text)
    }

    @Test func `a failure stays a failure`() throws {
        let reader = LineBlockReader(source: MemorySource(Array(GzipMembers.sample.dropLast())))
        for _ in 0..<3 {
            #expect(throws: AudienceFileError.truncatedGzip(byte: 156)) { try reader.next() }
        }
    }

    @Test func `the end stays the end`() throws {
        let reader = LineBlockReader(source: MemorySource(Array("a b\n".utf8)))
        #expect(try reader.next() != nil)
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }
}

/// A line of so many letters, its newline and a short line, made while reading.
private struct OneLongLine: ByteSource {
    let byteCount: Int
    private var position = 0

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        if position < byteCount {
            let count = min(buffer.count, byteCount - position)
            buffer.prefix(count).initialize(with: UInt8(ascii: "x"))
            position += count
            return count
        }
        let tail = Array("\na b\n".utf8).dropFirst(position - byteCount).prefix(buffer.count)
        buffer.copyBytes(from: tail)
        position += tail.count
        return tail.count
    }
}

extension Slice<UnsafeMutableRawBufferPointer> {
    fileprivate func initialize(with byte: UInt8) {
        UnsafeMutableRawBufferPointer(rebasing: self).initializeMemory(as: UInt8.self, repeating: byte)
    }
}
