// SPDX-License-Identifier: Apache-2.0

/// Members in memory: IDs one after the other, and the segments of each.
final class SampleMembers: Sendable {
    let count: Int
    let idByteCount: Int
    let ids: [UInt8]

    /// Two for each member; the second is the first when there is only one.
    let segments: [UInt32]

    /// So many members; IDs of 38 bytes are decimal digits, others hexadecimal ones.
    init(count: Int, idByteCount: Int) {
        self.count = count
        self.idByteCount = idByteCount
        var state: UInt64 = 42
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        let figures = Array("0123456789abcdef".utf8)
        let base: UInt64 = idByteCount == 38 ? 10 : 16
        ids = [UInt8](unsafeUninitializedCapacity: count * idByteCount) { buffer, filled in
            for position in 0..<(count * idByteCount) { buffer[position] = figures[Int(next() % base)] }
            filled = count * idByteCount
        }
        segments = (0..<count).flatMap { _ in
            let first = UInt32(next() % 200)
            return [first, next() % 2 == 0 ? first : UInt32(next() % 200)]
        }
    }
}
