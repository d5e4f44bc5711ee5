// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Surroundings
import Testing

@Suite struct GzipTests {
    @Test(arguments: [1, 2, 3, 7, 64, 100_000])
    func `a file of the gzip program is unpacked, however few bytes come at a time`(readByteCount: Int) throws
    {
        let pieces = try ReadingPieces.of(GzipMembers.sample, maximumReadByteCount: readByteCount)
        #expect(pieces.text == GzipMembers.sampleText)
    }

    @Test func `the digest is that of the compressed file`() throws {
        let reader = LineBlockReader(source: MemorySource(GzipMembers.sample), wantsMD5: true)
        #expect(reader.digest == nil)
        _ = try ReadingPieces(reader)
        #expect(
            reader.digest
                == FileDigest.Value(
                    byteCount: 157,
                    sha256: "4a74e175ed2e24ea2efac82d561a4c5b371706bac3bf28772c03ee1cf978d72b",
                    md5: "824e50237d6fa37f1e87f2e7c807bce1"
                )
        )
    }

    @Test func `a file cut at any byte is reported as truncated there`() {
        for count in 1..<GzipMembers.sample.count {
            for readByteCount in [1, 5, 1000] {
                #expect(throws: AudienceFileError.truncatedGzip(byte: count)) {
                    try ReadingPieces.of(
                        Array(GzipMembers.sample.prefix(count)),
                        isGzip: true,
                        maximumReadByteCount: readByteCount
                    )
                }
            }
        }
        #expect(throws: AudienceFileError.empty) { try ReadingPieces.of([], isGzip: true) }
    }

    @Test func `no single changed byte behind the header goes unnoticed`() {
        // Header fields that only describe the file (time, name, system) carry no checksum, and the last byte of
        // the compressed text, 148, has unused bits.
        for position in Array(0..<4) + Array(49..<148) + Array(149..<GzipMembers.sample.count) {
            var damaged = GzipMembers.sample
            damaged[position] ^= 0x10
            #expect(throws: AudienceFileError.self, "byte \(position)") {
                try ReadingPieces.of(damaged, isGzip: true)
            }
        }
    }

    @Test func `a wrong checksum and a wrong size are damage`() {
        for fromEnd in 1...8 {
            var damaged = GzipMembers.stored(Array("a b\n".utf8))
            damaged[damaged.count - fromEnd] ^= 1
            #expect(throws: AudienceFileError.damagedGzip(byte: damaged.count), "\(fromEnd)") {
                try ReadingPieces.of(damaged)
            }
        }
    }

    @Test func `members one after the other are one text`() throws {
        let members = ["a 1\nb", " 2\n", "", "c 3"].map { GzipMembers.stored(Array($0.utf8)) }
        for readByteCount in 1...30 {
            let pieces = try ReadingPieces.of(
                members.flatMap(\.self) + GzipMembers.sample,
                maximumReadByteCount: readByteCount
            )
            #expect(pieces.text == Array("a 1\nb 2\nc 3".utf8) + GzipMembers.sampleText)
        }
    }

    @Test func `a second member that is cut is reported too`() {
        let first = GzipMembers.stored(Array("a 1\n".utf8))
        let second = GzipMembers.stored(Array("b 2\n".utf8))
        for count in 1..<second.count {
            #expect(throws: AudienceFileError.truncatedGzip(byte: first.count + count)) {
                try ReadingPieces.of(first + second.prefix(count))
            }
        }
    }

    @Test func `bytes behind the last member are damage`() {
        // Ten bytes are read as the header of a further member before they are refused.
        #expect(throws: AudienceFileError.damagedGzip(byte: GzipMembers.sample.count + 10)) {
            try ReadingPieces.of(GzipMembers.sample + Array("left over, and more".utf8))
        }
        #expect(throws: AudienceFileError.truncatedGzip(byte: GzipMembers.sample.count + 4)) {
            try ReadingPieces.of(GzipMembers.sample + Array("left".utf8))
        }
    }

    @Test func `a plain text is damage where gzip is stated`() {
        for text in ["a", "a 1 and more than a header\n", "\u{1F}a"] {
            #expect(throws: AudienceFileError.notGzip) {
                try ReadingPieces.of(Array(text.utf8), isGzip: true)
            }
        }
        for count in 1..<GzipMembers.sample.count {
            #expect(throws: AudienceFileError.truncatedGzip(byte: count)) {
                try ReadingPieces.of(Array(GzipMembers.sample.prefix(count)), isGzip: true)
            }
        }
    }

    @Test func `gzip is recognised by its first two bytes and only if asked for`() throws {
        #expect(try ReadingPieces.of(GzipMembers.sample).text == GzipMembers.sampleText)
        #expect(try ReadingPieces.of(GzipMembers.sample, isGzip: false).text == GzipMembers.sample)
        #expect(try ReadingPieces.of([0x1F]).text == [0x1F])
    }

    @Test func `a gzip of nothing is an empty file`() {
        #expect(throws: AudienceFileError.empty) { try ReadingPieces.of(GzipMembers.stored([])) }
    }

    @Test func `random bytes behind a gzip header never crash`() {
        var numbers = SeededNumbers(seed: 7)
        for round in 0..<3_000 {
            let count = Int(numbers.next() % 300)
            let noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
            let start = round % 2 == 0 ? 10 : Int(numbers.next() % 157)
            let pieces = try? ReadingPieces.of(
                Array(GzipMembers.sample.prefix(start)) + noise,
                isGzip: true,
                maximumReadByteCount: 1 + round % 17
            )
            if let pieces { #expect(pieces.text.count <= 400_000) }
        }
    }
}
