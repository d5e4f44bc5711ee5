// SPDX-License-Identifier: Apache-2.0

import Matching
import Testing

@Suite struct DigesterTests {
    struct Table: Decodable { let digests: [[String: String]] }

    @Test(arguments: DigestAlgorithm.allCases)
    func `digests are those of the standards`(algorithm: DigestAlgorithm) throws {
        let digester = try Digester(algorithm)
        for line in try TestVectors.load("digests", as: Table.self).digests {
            let text = try #require(line["text"])
            #expect(hex(try digester.digest(Array(text.utf8))) == line[algorithm.rawValue])
            #expect(try digester.digest(Array(text.utf8)).count == algorithm.byteCount)
        }
    }
}
