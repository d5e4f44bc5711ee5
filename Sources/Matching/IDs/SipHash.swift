// SPDX-License-Identifier: Apache-2.0

/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; the 128-bit
/// variant of its reference implementation).
enum SipHash {
    /// The four words of the running hash.
    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        @inline(__always)
        init(_ secret: IDKeySecret) {
            v0 = secret.first ^ 0x736f_6d65_7073_6575
            v1 = secret.second ^ 0x646f_7261_6e64_6f6d ^ 0xEE
            v2 = secret.first ^ 0x6c79_6765_6e65_7261
            v3 = secret.second ^ 0x7465_6462_7974_6573
        }

        @inline(__always)
        mutating func round() {
            v0 &+= v1
            v2 &+= v3
            v1 = rotate(v1, 13) ^ v0
            v3 = rotate(v3, 16) ^ v2
            v0 = rotate(v0, 32)
            v2 &+= v1
            v0 &+= v3
            v1 = rotate(v1, 17) ^ v2
            v3 = rotate(v3, 21) ^ v0
            v2 = rotate(v2, 32)
        }

        var folded: UInt64 {
            @inline(__always) get { v0 ^ v1 ^ v2 ^ v3 }
        }
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word &<< bits | word &>> (64 &- bits)
    }

    /// The key of some bytes.
    @inline(__always)
    static func key(_ bytes: UnsafeRawPointer, _ count: Int, _ secret: IDKeySecret) -> IDKey {
        var state = State(secret)
        var position = 0
        while position &+ 8 <= count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            state.v3 ^= word
            state.round()
            state.round()
            state.v0 ^= word
            position &+= 8
        }
        let word = lastWord(bytes, count)
        state.v3 ^= word
        state.round()
        state.round()
        state.v0 ^= word
        state.v2 ^= 0xEE
        for _ in 0..<4 { state.round() }
        let first = state.folded
        state.v1 ^= 0xDD
        for _ in 0..<4 { state.round() }
        return IDKey(first: first, second: state.folded)
    }

    /// The keys of two runs of bytes of the same length, worked out side by side, in about the time of one.
    @inline(__always)
    static func keys(
        _ left: UnsafeRawPointer,
        _ right: UnsafeRawPointer,
        _ count: Int,
        _ secret: IDKeySecret
    ) -> (IDKey, IDKey) {
        var one = State(secret)
        var two = one
        var position = 0
        while position &+ 8 <= count {
            mix(
                &one,
                left.loadUnaligned(fromByteOffset: position, as: UInt64.self),
                &two,
                right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            )
            position &+= 8
        }
        mix(&one, lastWord(left, count), &two, lastWord(right, count))
        one.v2 ^= 0xEE
        two.v2 ^= 0xEE
        for _ in 0..<4 {
            one.round()
            two.round()
        }
        let first = (one.folded, two.folded)
        one.v1 ^= 0xDD
        two.v1 ^= 0xDD
        for _ in 0..<4 {
            one.round()
            two.round()
        }
        return (IDKey(first: first.0, second: one.folded), IDKey(first: first.1, second: two.folded))
    }

    @inline(__always)
    private static func mix(_ one: inout State, _ left: UInt64, _ two: inout State, _ right: UInt64) {
        one.v3 ^= left
        two.v3 ^= right
        one.round()
        two.round()
        one.round()
        two.round()
        one.v0 ^= left
        two.v0 ^= right
    }

    /// The bytes after the last whole word, with the length in the highest byte.
    @inline(__always)
    private static func lastWord(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: count) &<< 56
        let left = count & 7
        if left == 0 { return length }
        if count >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            return length | word &>> (64 &- UInt64(truncatingIfNeeded: left) &* 8)
        }
        var word: UInt64 = 0
        for position in 0..<left {
            word |= UInt64(bytes.load(fromByteOffset: position, as: UInt8.self)) &<< UInt64(position &* 8)
        }
        return length | word
    }
}
