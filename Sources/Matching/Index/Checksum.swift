// SPDX-License-Identifier: Apache-2.0

/// The sum over all pairs of an index that doesn't depend on their order.
enum Checksum {
    /// What a pair adds to the sum; the rank is the place in the key's posting list, the oldest first.
    @inline(__always)
    static func term(_ key: IDKey, _ number: ProfileNumber, rank: Int) -> UInt64 {
        let pair = UInt64(number) | UInt64(truncatingIfNeeded: rank) &<< 32
        let product = (key.first ^ (pair &* 0xD6E8_FEB8_6659_FD93))
            .multipliedFullWidth(by: key.second ^ 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }

    /// What the place of a posting list adds to the sum over all places.
    static func term(ofPlace place: UInt64) -> UInt64 {
        let product = (place &+ 0xD6E8_FEB8_6659_FD93).multipliedFullWidth(by: place ^ 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }

    /// What the posting list of a key adds to the sum.
    static func sum(_ key: IDKey, _ numbers: UnsafeMutableBufferPointer<UInt32>) -> UInt64 {
        var sum: UInt64 = 0
        for rank in 0..<numbers.count { sum &+= term(key, numbers[rank], rank: rank) }
        return sum
    }
}
