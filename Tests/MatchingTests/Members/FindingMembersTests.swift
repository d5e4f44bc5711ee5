// SPDX-License-Identifier: Apache-2.0

import Matching
import Surroundings
import Testing

@Suite struct FindingMembersTests {
    /// Numbers of some blocks: few, many or ranges of them, so that each form of a block occurs.
    private func numbers(_ random: inout SeededNumbers) -> Set<ProfileNumber> {
        var numbers: Set<ProfileNumber> = []
        for block in 0..<ProfileNumber(6) {
            let start = block << 16
            switch Int.random(in: 0..<5, using: &random) {
            case 0: break
            case 1: for _ in 0..<12 { numbers.insert(start + .random(in: 0...0xFFFF, using: &random)) }
            case 2: for _ in 0..<3_000 { numbers.insert(start + .random(in: 0...0xFFFF, using: &random)) }
            case 3: for _ in 0..<9_000 { numbers.insert(start + .random(in: 0...0xFFFF, using: &random)) }
            default:
                numbers.formUnion(start + 10..<start + 700)
                numbers.formUnion(start + 30_000..<start + 65_536)
            }
        }
        return numbers
    }

    private func found(_ numbers: Set<ProfileNumber>, in bytes: [UInt8]) throws -> [ProfileNumber] {
        let sorted = numbers.sorted()
        var flags = [UInt64](repeating: 0, count: sorted.last.map { Int($0) / 64 + 1 } ?? 0)
        for number in sorted { flags[Int(number / 64)] |= 1 << UInt64(number % 64) }
        var found: [ProfileNumber] = []
        try sorted.withUnsafeBufferPointer { sorted in
            try flags.withUnsafeBufferPointer { flags in
                try bytes.withUnsafeBytes { bytes in
                    try MemberSet.find(sorted, flags: flags, in: bytes) { found += $0 }
                }
            }
        }
        return found
    }

    @Test func `numbers are found as if the set were unpacked`() throws {
        var random = SeededNumbers(seed: 21)
        for _ in 0..<60 {
            let (members, some) = (numbers(&random), numbers(&random))
            let bytes = MemberSet(members).serialized()
            #expect(try found(some, in: bytes) == members.intersection(some).sorted())
            #expect(try found(members, in: bytes) == members.sorted())
        }
        #expect(try found([0, .max], in: MemberSet([7, .max]).serialized()) == [.max])
        #expect(try found([], in: MemberSet([7]).serialized()) == [])
    }

    @Test func `bytes that are not one set are refused or searched within their bounds`() throws {
        var random = SeededNumbers(seed: 22)
        for _ in 0..<20 {
            let (members, some) = (numbers(&random), numbers(&random))
            let bytes = MemberSet(members).serialized()
            for _ in 0..<20 {
                let length = Int.random(in: 0..<bytes.count, using: &random)
                #expect(throws: MatchingError.self) { try found(some, in: Array(bytes[..<length])) }
                var damaged = bytes
                damaged[.random(in: 0..<bytes.count, using: &random)] ^= .random(in: 1...255, using: &random)
                // Whatever is found was asked for.
                let result = (try? found(some, in: damaged)) ?? []
                #expect(Set(result).isSubset(of: some))
            }
        }
    }
}
