// SPDX-License-Identifier: Apache-2.0

import Matching
import Testing

@Suite struct IDKeyTests {
    struct Table: Decodable { let outputs: [String] }

    @Test func `keys are those of the published SipHash vectors`() throws {
        let secret = try IDKeySecret(bytes: [UInt8](0..<16))
        let outputs = try TestVectors.load("siphash128", as: Table.self).outputs
        #expect(outputs.count == 64)
        for (count, output) in outputs.enumerated() {
            #expect(hex(IDKey(canonical: [UInt8](0..<UInt8(count)), secret: secret).bytes) == output)
        }
    }

    @Test func `a secret is 16 bytes and shows nothing`() throws {
        let bytes = [UInt8](1...16)
        let secret = try IDKeySecret(bytes: bytes)
        #expect(secret.bytes == bytes)
        #expect("\(secret)" == "•••")
        #expect(String(reflecting: secret) == "•••")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(IDKeySecret.random() != IDKeySecret.random())
        #expect(throws: MatchingError.secretLength(expected: 16, actual: 15)) {
            try IDKeySecret(bytes: [UInt8](1...15))
        }
    }
}
