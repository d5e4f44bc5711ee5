// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct SegmentListTests {
    private func texts(_ list: String) -> [String] {
        Array(list.utf8).withUnsafeBytes { SegmentList($0).map(\.text) }
    }

    private func problem(_ bytes: [UInt8]) -> SegmentListProblem? {
        bytes.withUnsafeBytes { SegmentList($0).problem }
    }

    @Test func `numbers and aliases are read in order`() {
        let list = Array("24,10603117,VIP-Customers".utf8)
        list.withUnsafeBytes { bytes in
            #expect(SegmentList(bytes).map(\.number) == [24, 10_603_117, nil])
            #expect(SegmentList(bytes).map(\.text) == ["24", "10603117", "VIP-Customers"])
            #expect(SegmentList(bytes).map(\.isRemoval) == [false, false, false])
            #expect(SegmentList(bytes, isRemoval: true).map(\.isRemoval) == [true, true, true])
            #expect(SegmentList(bytes).problem == nil)
        }
    }

    @Test func `both lists of a line are read`() {
        var parsed = ParsedLines()
        Array("id 24,26 25\n".utf8).withUnsafeBytes { bytes in
            OutboundLineParser.parse(bytes, into: &parsed)
            #expect(parsed[0].addedSegments(in: bytes).map(\.number) == [24, 26])
            #expect(
                parsed[0].removedSegments(in: bytes).map { [$0.text, "\($0.isRemoval)"] } == [["25", "true"]]
            )
        }
    }

    @Test func `blanks around an entry are ignored`() {
        #expect(texts(" 24 , 26,27 ") == ["24", "26", "27"])
    }

    @Test func `an empty list has no entry`() {
        #expect(texts("") == [])
        #expect(problem([]) == nil)
    }

    @Test func `the largest number is read and a larger one is an alias`() {
        Array("18446744073709551615,18446744073709551616,-1,+1".utf8).withUnsafeBytes {
            #expect(SegmentList($0).map(\.number) == [.max, nil, nil, nil])
        }
    }

    @Test(arguments: [
        ("24,,26", SegmentListProblem.emptyEntry), (",24", .emptyEntry), ("24,", .emptyEntry),
        (",", .emptyEntry),
        (" ", .emptyEntry), ("24,2 6", .separatorInside), ("2\t6", .separatorInside),
        ("2\u{7F}", .separatorInside),
    ])
    func `what is wrong with a list is named`(list: String, expected: SegmentListProblem) {
        #expect(problem(Array(list.utf8)) == expected)
    }

    @Test func `an alias that is not UTF-8 is named`() {
        #expect(problem([0x61, 0xFF]) == .invalidUTF8)
        #expect(problem(Array("\u{E9}t\u{E9}".utf8)) == nil)
    }
}
