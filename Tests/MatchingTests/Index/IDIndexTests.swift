// SPDX-License-Identifier: Apache-2.0

import Matching
import Surroundings
import Testing

@Suite struct IDIndexTests {
    private let fingerprint = [UInt8](1...16)
    private let secret = IDKeySecret.random()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func key(_ number: Int) -> IDKey { IDKey(canonical: Array("\(number)".utf8), secret: secret) }

    private func create(_ name: String = "index", expectedCount: Int) throws -> IDIndex {
        try IDIndex.create(
            path: folder.file(name),
            fingerprint: fingerprint,
            secret: secret,
            expectedCount: expectedCount
        )
    }

    private func open(_ name: String = "index", writable: Bool = false) throws -> IDIndex {
        try IDIndex.open(
            path: folder.file(name),
            fingerprint: fingerprint,
            secret: secret,
            writable: writable
        )
    }

    /// What an index must say: the numbers of each key, the latest first.
    private struct Model {
        var lists: [Int: [ProfileNumber]] = [:]

        mutating func insert(_ key: Int, _ number: ProfileNumber) {
            lists[key, default: []].removeAll { $0 == number }
            lists[key, default: []].insert(number, at: 0)
        }

        mutating func remove(_ key: Int, _ number: ProfileNumber) {
            lists[key]?.removeAll { $0 == number }
            if lists[key]?.isEmpty == true { lists[key] = nil }
        }
    }

    private func expectSame(_ index: IDIndex, _ model: Model, upTo limit: Int) throws {
        try index.verify()
        #expect(index.count == model.lists.count)
        #expect(index.pairCount == model.lists.values.reduce(0) { $0 + $1.count })
        let keys = (0..<limit).map(key)
        var entries = [IDIndex.Entry](repeating: .none, count: limit)
        keys.withUnsafeBufferPointer { keys in
            entries.withUnsafeMutableBufferPointer { index.lookup(keys, into: $0) }
        }
        var positions: Set<UInt32> = []
        for number in 0..<limit {
            let expected = model.lists[number] ?? []
            #expect(index.numbers(of: entries[number]) == expected)
            #expect(index.lookup(keys[number]) ?? .none == entries[number])
            if entries[number].isFound {
                #expect(positions.insert(entries[number].position).inserted)
                #expect(Int(entries[number].position) < index.positionCount)
                #expect(index.latestNumber(of: entries[number]) == expected.first)
            }
        }
    }

    @Test(arguments: [1, 100, 3000])
    func `random changes leave what a dictionary of lists would have`(keyCount: Int) throws {
        var random = SeededNumbers(seed: UInt64(keyCount))
        var index = try create(expectedCount: keyCount / 4)
        var model = Model()
        for step in 0..<12_000 {
            let number = Int.random(in: 0..<keyCount, using: &random)
            let profile = ProfileNumber.random(in: 0..<(step % 3 == 0 ? 3 : 40), using: &random)
            if Int.random(in: 0..<10, using: &random) < (step < 8000 ? 6 : 2) {
                try index.insert(key(number), profile)
                model.insert(number, profile)
            } else {
                try index.remove(key(number), profile)
                model.remove(number, profile)
            }
            if step % 3000 == 2999 {
                try expectSame(index, model, upTo: keyCount)
                index = try open(writable: true)
            }
        }
        try expectSame(index, model, upTo: keyCount)
    }

    @Test func `many pairs at once are the same as one after the other`() throws {
        var random = SeededNumbers(seed: 3)
        let index = try create(expectedCount: 1)
        var model = Model()
        let pairs = (0..<20_000).map { _ in
            (Int.random(in: 0..<9000, using: &random), ProfileNumber.random(in: 0..<20_000, using: &random))
        }
        for (number, profile) in pairs { model.insert(number, profile) }
        try pairs.map { key($0.0) }.withUnsafeBufferPointer { keys in
            try pairs.map(\.1).withUnsafeBufferPointer { try index.insert(keys: keys, numbers: $0) }
        }
        try expectSame(index, model, upTo: 9100)
        try expectSame(try open(), model, upTo: 9100)
    }

    @Test func `every change can be made again`() throws {
        let index = try create(expectedCount: 10)
        for number in [7, 8, 9, 9, 8] as [ProfileNumber] { try index.insert(key(1), number) }
        #expect(index.numbers(of: key(1)) == [8, 9, 7])
        try index.remove(key(1), 9)
        try index.remove(key(1), 9)
        try index.remove(key(1), 1234)
        try index.remove(key(2), 7)
        #expect(index.numbers(of: key(1)) == [8, 7])
        try index.remove(key(1), 8)
        #expect(index.lookup(key(1))?.number == 7)
        try index.remove(key(1), 7)
        #expect(index.lookup(key(1)) == nil)
        #expect(index.count == 0)
        try index.verify()
    }

    @Test func `a crowded key keeps all its profiles`() throws {
        let index = try create(expectedCount: 10)
        for number in 0..<5000 as Range<ProfileNumber> { try index.insert(key(1), number) }
        #expect(index.numbers(of: key(1)) == (0..<5000).reversed())
        try index.verify()
    }

    @Test func `the numbers at the ends of the range are kept`() throws {
        let index = try create(expectedCount: 10)
        try index.insert(key(1), 0)
        try index.insert(key(2), IDIndex.largestNumber)
        #expect(index.numbers(of: key(1)) == [0])
        #expect(index.numbers(of: key(2)) == [IDIndex.largestNumber])
        #expect(throws: MatchingError.numberTooLarge(IDIndex.largestNumber + 1)) {
            try index.insert(key(3), IDIndex.largestNumber + 1)
        }
    }

    @Test func `the revision and the content are there after opening again`() throws {
        let index = try create(expectedCount: 10)
        #expect(index.revision == 0)
        try index.insert(key(1), 5)
        index.revision = 77
        try index.synchronize()
        try index.copy(to: folder.file("copy"))
        for name in ["index", "copy"] {
            let opened = try open(name)
            #expect(opened.revision == 77)
            #expect(opened.numbers(of: key(1)) == [5])
            #expect(throws: MatchingError.indexReadOnly) { try opened.insert(key(1), 5) }
            #expect(throws: MatchingError.indexReadOnly) { try opened.remove(key(1), 5) }
        }
    }

    @Test func `a new index takes the place of one that is still read`() throws {
        let old = try create(expectedCount: 10)
        try old.insert(key(1), 1)
        let fresh = try create("index.new", expectedCount: 5000)
        try fresh.insert(key(1), 2)
        try fresh.move(to: folder.file("index"))
        #expect(old.numbers(of: key(1)) == [1])
        #expect(try open().numbers(of: key(1)) == [2])
        for number in 0..<6000 { try fresh.insert(key(number), 3) }
        #expect(try open().count == 6000)
        #expect(throws: MatchingError.file(operation: .open, code: 2)) { try open("index.new") }
        _ = try create(expectedCount: 1)
        #expect(fresh.numbers(of: key(1)) == [3, 2])
    }

    @Test func `another definition, another secret and no file are told apart`() throws {
        _ = try create(expectedCount: 10)
        let path = folder.file("index")
        #expect(throws: MatchingError.indexFingerprint) {
            try IDIndex.open(path: path, fingerprint: [UInt8](0..<16), secret: secret, writable: false)
        }
        #expect(throws: MatchingError.indexSecret) {
            try IDIndex.open(path: path, fingerprint: fingerprint, secret: .random(), writable: false)
        }
        #expect(throws: MatchingError.file(operation: .open, code: 2)) { try open("missing") }
    }
}
