// SPDX-License-Identifier: Apache-2.0

import Matching
import Surroundings
import Testing

@Suite struct NormalizationTests {
    struct Table: Decodable {
        struct Case: Decodable { let steps, value, normalized: String }
        let cases: [Case]
    }

    @Test func `values are normalized as the table says`() throws {
        for line in try TestVectors.load("normalizations", as: Table.self).cases {
            let normalization = try Normalization(parsing: line.steps)
            let normalized = normalization.normalized(line.value)
            #expect(Array(normalized.utf8) == Array(line.normalized.utf8), "\(line.steps): \(line.value)")
            #expect(normalization.normalized(normalized) == normalized, "again: \(line.steps): \(line.value)")
        }
    }

    @Test func `steps are read and written as text`() throws {
        #expect(try Normalization(parsing: " trim , lower ").description == "trim,lower")
        #expect(try Normalization(parsing: "").steps == [])
        #expect(try Normalization(parsing: "  ") == Normalization.none)
        #expect(try Normalization(parsing: "lower,trim") != Normalization(parsing: "trim,lower"))
        #expect(throws: MatchingError.unknownNormalizer(position: 1)) {
            try Normalization(parsing: "trim,upper")
        }
        #expect(throws: MatchingError.unknownNormalizer(position: 1)) { try Normalization(parsing: "trim,") }
        #expect(throws: MatchingError.unknownNormalizer(position: 2)) {
            try Normalization(parsing: "trim,lower,trim")
        }
    }

    @Test func `steps work in their order`() throws {
        let value = " 0033612345678 "
        #expect(try Normalization(parsing: "e164").normalized(value) == "+33612345678")
        #expect(try Normalization(parsing: "trim").normalized(value) == "0033612345678")
    }

    @Test func `random text is normalized as one scalar after the other would be`() throws {
        var random = SeededNumbers(seed: 1)
        let normalization = try Normalization(parsing: "trim,lower")
        for _ in 0..<3000 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                        randomScalar(&random)
                    }
                )
            )
            let expected = Reference.normalized(text, normalization)
            #expect(Array(normalization.normalized(text).utf8) == Array(expected.utf8))
        }
    }

    private func randomScalar(_ random: inout SeededNumbers) -> Unicode.Scalar {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x09...0x0D, 0x80...0x24F, 0x370...0x58F, 0x1E00...0x2060,
            0x10400...0x1044F, 0x20...0x20,
        ]
        let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
        return Unicode.Scalar(UInt32.random(in: range, using: &random)) ?? "x"
    }
}
