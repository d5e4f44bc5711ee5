// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Transfer

@Suite struct RemotePathTests {
    @Test(arguments: [
        "", "/", "/etc/passwd", "..", "a/../b", "../a", ".", "a/./b", "a//b", "a/", "nul\0name",
    ])
    func `a path that could leave the account or names nothing is refused`(_ text: String) {
        #expect(throws: TransferError.self) { try RemotePath(text) }
    }

    @Test func `a name of 255 bytes is taken and one of 256 refused`() throws {
        let longest = String(repeating: "n", count: 255)
        #expect(try RemotePath("in/\(longest)").name == longest)
        #expect(throws: TransferError.unusablePath(longest + "n")) { try RemotePath(longest + "n") }
    }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0x62], #"a\x0Ab"#),
            ([0x63, 0x61, 0x66, 0xE9], #"caf\xE9"#),
            ([0x63, 0x61, 0x66, 0xC3, 0xA9], "café"),
            ([0x5C, 0x78, 0x45, 0x39], #"\\xE9"#),
            ([0xC2, 0x85, 0x7F, 0x20], #"\xC2\x85\x7F "#),
            ([0xE2, 0x82], #"\xE2\x82"#),
            ([0xF0, 0x9F, 0x98, 0x80, 0xFF], #"😀\xFF"#),
        ] as [([UInt8], String)]
    )
    func `every name has one printable spelling that reads back`(_ bytes: [UInt8], _ spelling: String) throws
    {
        let path = try RemotePath(bytes: bytes)
        #expect(path.spelling == spelling)
        #expect(try RemotePath(spelling: spelling) == path)
    }

    @Test func `random bytes read back from their spelling`() throws {
        var random = SeededNumbers(seed: 7)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...40, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }
            guard let path = try? RemotePath(bytes: bytes) else { continue }
            #expect(try RemotePath(spelling: path.spelling) == path)
            #expect(path.spelling.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
    }

    @Test(arguments: [#"a\"#, #"a\x"#, #"a\xG0"#, #"a\x1"#, #"a\n"#, #"\x2E\x2E"#, #"a\x00"#])
    func `a spelling with half an escape or a hidden way out is refused`(_ spelling: String) {
        #expect(throws: TransferError.self) { try RemotePath(spelling: spelling) }
    }

    @Test func `composed and decomposed letters are different names`() throws {
        #expect(try RemotePath("caf\u{E9}") != RemotePath("cafe\u{301}"))
    }

    @Test func `paths sort by their bytes`() throws {
        let paths = try ["b", "a/b", "a", "a b", "é", "Z"].map { try RemotePath($0) }
        #expect(paths.sorted().map(\.spelling) == ["Z", "a", "a b", "a/b", "b", "é"])
    }

    @Test func `folder, name and sibling are parts of the path`() throws {
        let path = try RemotePath("2024/05/file.gz")
        #expect(try path.folder == RemotePath("2024/05"))
        #expect(path.name == "file.gz")
        #expect(try path.sibling(named: "file.info") == RemotePath("2024/05/file.info"))
        #expect(throws: TransferError.self) { try path.sibling(named: "../file") }
        #expect(try RemotePath("file.gz").folder == nil)
    }

    @Test func `hidden and temporary names are ignored`() throws {
        let names = ["a.part", "b.tmp", "c.filepart", ".d", ".e/f", "g.gz", "partial", "h.part/i"]
        #expect(
            try names.filter { try RemotePath($0).isIgnored } == [
                "a.part", "b.tmp", "c.filepart", ".d", ".e/f",
            ]
        )
    }
}
