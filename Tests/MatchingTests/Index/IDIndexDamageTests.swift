// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Testing

@Suite struct IDIndexDamageTests {
    private let fingerprint = [UInt8](1...16)
    private let secret = IDKeySecret.random()
    private let folder: TemporaryFolder
    private let whole: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        let index = try IDIndex.create(
            path: folder.file("index"),
            fingerprint: fingerprint,
            secret: secret,
            expectedCount: 40
        )
        for number in 0..<30 {
            for profile in 0...(number % 4) {
                try index.insert(IDKey(canonical: [UInt8(number)], secret: secret), ProfileNumber(profile))
            }
        }
        try index.synchronize()
        whole = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("index"))))
    }

    private func open(_ bytes: [UInt8]) throws -> IDIndex {
        let path = folder.file("damaged")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try IDIndex.open(path: path, fingerprint: fingerprint, secret: secret, writable: false)
    }

    @Test func `a whole index opens`() throws {
        #expect(try open(whole).count == 30)
    }

    @Test func `a file cut at any length is refused`() throws {
        for length in 0..<whole.count {
            #expect(throws: MatchingError.self) { try open(Array(whole[..<length])) }
        }
        #expect(throws: MatchingError.indexTruncated(expected: whole.count, actual: whole.count + 1)) {
            try open(whole + [0])
        }
    }

    @Test func `a change of any byte is seen`() throws {
        var random = SeededGenerator(seed: 11)
        for position in stride(from: 0, to: whole.count, by: 3) {
            var bytes = whole
            bytes[position] ^= UInt8.random(in: 1...255, using: &random)
            #expect(throws: MatchingError.self, "byte \(position)") { try open(bytes) }
        }
    }

    @Test func `another version of the format is refused as such`() throws {
        var bytes = whole
        bytes[8] = 9
        #expect(throws: MatchingError.indexVersion(expected: 1, actual: 9)) { try open(bytes) }
        bytes[0] = 9
        #expect(throws: MatchingError.notAnIndex) { try open(bytes) }
    }
}
