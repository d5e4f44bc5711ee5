// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Surroundings
import Testing

@Suite struct IDIndexDamageTests {
    private let fingerprint = [UInt8](1...16)
    private let secret: IDKeySecret
    private let folder: TemporaryFolder
    private let whole: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        secret = try IDKeySecret(bytes: [UInt8](1...16))
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
        return try openDamaged()
    }

    private func openDamaged() throws -> IDIndex {
        try IDIndex.open(
            path: folder.file("damaged"),
            fingerprint: fingerprint,
            secret: secret,
            writable: false
        )
    }

    @Test func `a whole index opens`() throws {
        #expect(try open(whole).count == 30)
    }

    @Test func `a file cut short is refused`() throws {
        _ = try open(whole)
        let path = folder.file("damaged")
        for length in (0..<whole.count).reversed() {
            #expect(truncate(path, length) == 0)
            // Each length near a border of the file's parts, and many between.
            guard length < 200 || length % 64 < 2 || length == whole.count - 1 else { continue }
            #expect(throws: MatchingError.self, "\(length) bytes") { try openDamaged() }
        }
        #expect(throws: MatchingError.indexTruncated(expected: whole.count, actual: whole.count + 1)) {
            try open(whole + [0])
        }
    }

    @Test func `a change of any byte is seen`() throws {
        var random = SeededNumbers(seed: 11)
        _ = try open(whole)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("damaged")))
        let positions = Array(0..<128) + Array(stride(from: 128, to: whole.count, by: 5))
        for position in positions {
            try write(whole[position] ^ UInt8.random(in: 1...255, using: &random), at: position, file)
            #expect(throws: MatchingError.self, "byte \(position)") { try openDamaged() }
            try write(whole[position], at: position, file)
        }
        #expect(try openDamaged().count == 30)
    }

    private func write(_ byte: UInt8, at position: Int, _ file: FileHandle) throws {
        try file.seek(toOffset: UInt64(position))
        try file.write(contentsOf: [byte])
    }

    @Test func `two keys never share a list`() throws {
        // Every key of number % 4 == 1 has the list 0, 1, so pointing to another's list keeps all numbers right.
        let places = stride(from: 4096, to: whole.count - 4096, by: 64).flatMap { bucket in
            (0..<3).map { bucket + 48 + $0 * 4 }.filter { whole[$0 + 3] != 0 && whole[$0 + 3] < 0x80 }
        }
        #expect(places.count == 22)
        for one in places {
            for other in places where whole[one..<one + 4] != whole[other..<other + 4] {
                var bytes = whole
                bytes.replaceSubrange(one..<one + 4, with: whole[other..<other + 4])
                #expect(throws: MatchingError.indexDamaged) { try open(bytes) }
            }
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
