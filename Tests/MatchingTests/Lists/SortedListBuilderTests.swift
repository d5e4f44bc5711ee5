// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Matching

@Suite struct SortedListBuilderTests {
    @Test func `nothing appended gives nothing`() throws {
        let folder = try ListFolder()
        let operations = try SortedListBuilder(directory: folder.path).finish()
        #expect(try operations.all().isEmpty)
        #expect(operations.appendCount == 0)
        #expect(operations.distinctCount == 0)
    }

    @Test(
        arguments: [1, 2, 23, 24, 25, 1000, 70_000],
        [[UInt8]([0, 1, 255]), Array("0123456789abcdef".utf8)]
    )
    func `operations come back ascending, distinct, the last one of each string`(
        count: Int,
        alphabet: [UInt8]
    ) throws {
        let folder = try ListFolder()
        var numbers = SeededNumbers(seed: UInt64(count))
        for longest in [3, 12, 40] {
            let expected = numbers.operations(count, longest: longest, alphabet: alphabet)
            let builder = SortedListBuilder(directory: folder.path)
            for operation in expected { try builder.append(operation) }
            let operations = try builder.finish()
            let naive = NaiveOperation.sorted(expected)
            #expect(try operations.all() == naive)
            #expect(operations.appendCount == count)
            #expect(operations.distinctCount == naive.count)
        }
    }

    @Test(arguments: [12, 300]) func `little memory gives the same through files that have no name`(
        longest: Int
    ) throws {
        let folder = try ListFolder()
        var numbers = SeededNumbers(seed: 7)
        let expected = numbers.operations(60_000, longest: longest, alphabet: [0, 1, 2, 128, 255])
        let builder = SortedListBuilder(directory: folder.path, memoryByteLimit: 1 << 16)
        for operation in expected { try builder.append(operation) }
        // A thread may be about to take the name away from a file that it has just made.
        var names = try folder.names
        for _ in 0..<500 where !names.isEmpty {
            usleep(10_000)
            names = try folder.names
        }
        #expect(names == [])
        #expect(try builder.finish().all() == NaiveOperation.sorted(expected))
    }

    @Test func `one string a hundred thousand times is one string`() throws {
        let folder = try ListFolder()
        let string = [UInt8](repeating: 65, count: 1024)
        for limit in [1 << 16, 1 << 28] {
            let builder = SortedListBuilder(directory: folder.path, memoryByteLimit: limit)
            for turn in 1...100_000 {
                try builder.append(NaiveOperation(string: string, isRemoval: turn < 100_000))
            }
            #expect(try builder.finish().all() == [NaiveOperation(string: string)])
        }
    }

    @Test func `a string that is another one with zero bytes after it comes after it`() throws {
        let folder = try ListFolder()
        let builder = SortedListBuilder(directory: folder.path)
        let strings = (1...40).map { [UInt8](repeating: 0, count: $0) }
        for string in strings.reversed() { try builder.append(NaiveOperation(string: string)) }
        #expect(try builder.finish().all().map(\.string) == strings)
    }

    @Test(arguments: [0, 1025]) func `a string of no use is refused`(length: Int) throws {
        let folder = try ListFolder()
        let builder = SortedListBuilder(directory: folder.path)
        #expect(throws: SortedListError.stringLength(actual: length)) {
            try builder.append(NaiveOperation(string: [UInt8](repeating: 65, count: length)))
        }
    }

    @Test func `a folder that isn't there is an error when memory is used up`() throws {
        let builder = SortedListBuilder(directory: "/nowhere/at/all", memoryByteLimit: 1 << 16)
        var numbers = SeededNumbers(seed: 1)
        #expect(throws: SortedListError.file(operation: .open, code: 2)) {
            for operation in numbers.operations(10_000, longest: 40, alphabet: [1, 2]) {
                try builder.append(operation)
            }
            _ = try builder.finish()
        }
    }

    @Test func `texts of a batch are appended, but not the empty ones`() throws {
        let folder = try ListFolder()
        let batch = IDBatch()
        for text in ["b", "", "a", "b"] { batch.append(text) }
        let builder = SortedListBuilder(directory: folder.path)
        try builder.append(batch)
        let operations = try builder.finish()
        #expect(try operations.all().map(\.string) == [[97], [98]])
        #expect(operations.appendCount == 3)
    }
}
