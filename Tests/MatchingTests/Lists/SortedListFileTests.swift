// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Matching

@Suite struct SortedListFileTests {
    private static func strings(_ count: Int) -> [[UInt8]] {
        (0..<count).map { Array(String(format: "customer%08d@example.com", $0 * 7).utf8) }
    }

    @Test(arguments: [0, 1, 2, 5_000, 100_000]) func `a list is read back as it was written`(count: Int)
        throws
    {
        let folder = try ListFolder()
        let strings = Self.strings(count)
        let file = try folder.write(strings, to: "a.list")
        #expect(try folder.read(file) == strings)
        #expect(try folder.names == ["a.list"])
    }

    @Test func `the longest strings are read back`() throws {
        let folder = try ListFolder()
        let strings = (0..<200).map { [UInt8](repeating: 9, count: 1023) + [UInt8($0)] }
        #expect(try folder.read(folder.write(strings, to: "a.list")) == strings)
    }

    @Test func `the same strings give the same bytes`() throws {
        let folder = try ListFolder()
        let one = try folder.write(Self.strings(10_000), to: "a.list")
        let two = try folder.write(Self.strings(10_000), to: "b.list")
        #expect(try Data(contentsOf: URL(filePath: one)) == Data(contentsOf: URL(filePath: two)))
    }

    @Test func `a string that doesn't come after the one before is refused`() throws {
        let folder = try ListFolder()
        for pair in [["b", "a"], ["a", "a"], ["ab", "a"]] {
            #expect(throws: SortedListError.unordered(position: 1)) {
                _ = try folder.write(pair.map { Array($0.utf8) }, to: "a.list")
            }
        }
        #expect(try folder.names == [])
    }

    @Test func `an unfinished list leaves nothing and the older one stays`() throws {
        let folder = try ListFolder()
        let file = try folder.write([[1]], to: "a.list")
        do {
            let writer = try SortedListWriter(path: file)
            try [UInt8]([2]).withUnsafeBytes { try writer.append($0) }
        }
        #expect(try folder.read(file) == [[1]])
        #expect(try folder.names == ["a.list"])
    }

    @Test func `any cut is noticed`() throws {
        let folder = try ListFolder()
        let whole = try Data(contentsOf: URL(filePath: folder.write(Self.strings(9_000), to: "a.list")))
        for length in [0, 1, 63, 64, 79, 80, 10_000, whole.count - 1] {
            let file = "\(folder.path)/cut.list"
            try whole.prefix(length).write(to: URL(filePath: file))
            #expect(throws: SortedListError.self) { try folder.read(file) }
        }
        try (whole + [0]).write(to: URL(filePath: "\(folder.path)/long.list"))
        #expect(throws: SortedListError.self) { try folder.read("\(folder.path)/long.list") }
    }

    @Test func `any changed byte is noticed`() throws {
        let folder = try ListFolder()
        let whole = try Data(contentsOf: URL(filePath: folder.write(Self.strings(400), to: "a.list")))
        let file = URL(filePath: "\(folder.path)/changed.list")
        var numbers = SeededNumbers(seed: 3)
        let places =
            Array(0..<100) + (0..<400).map { _ in Int.random(in: 100..<whole.count, using: &numbers) }
        for place in places {
            var changed = whole
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            try changed.write(to: file)
            #expect(throws: SortedListError.self, "byte \(place)") { try folder.read(file.path) }
        }
    }

    @Test func `random bytes behind a sound header don't crash`() throws {
        let folder = try ListFolder()
        var numbers = SeededNumbers(seed: 5)
        for length in [1, 15, 16, 17, 100, 70_000] {
            let junk = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &numbers) }
            let header = SortedListHeader(count: 3, byteCount: 64 + length).bytes
            let file = "\(folder.path)/junk.list"
            try Data(header + junk).write(to: URL(filePath: file))
            #expect(throws: SortedListError.self) { try folder.read(file) }
        }
    }

    @Test func `a file of another kind or version says so`() throws {
        let folder = try ListFolder()
        let file = "\(folder.path)/a.list"
        try Data(repeating: 65, count: 500).write(to: URL(filePath: file))
        #expect(throws: SortedListError.notAList) { try folder.read(file) }
        var header = SortedListHeader(count: 0, byteCount: 64).bytes
        header[8] = 2
        try Data(header).write(to: URL(filePath: file))
        #expect(throws: SortedListError.version(expected: 1, actual: 2)) { try folder.read(file) }
        #expect(throws: SortedListError.file(operation: .open, code: 2)) { try folder.read(file + "x") }
    }
}
