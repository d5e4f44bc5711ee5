// SPDX-License-Identifier: Apache-2.0

import Surroundings

extension SeededNumbers {
    /// Bytes of which most are those that the grammars care about.
    mutating func bytes(count: Int) -> [UInt8] {
        let common = Array("\n\n\t  ,,0123456789abcdef=:-\"d_sid\r\0%3A".utf8)
        return (0..<count).map { _ in
            let number = next()
            return number % 8 == 0
                ? UInt8(truncatingIfNeeded: number >> 8) : common[Int(number >> 8) % common.count]
        }
    }
}
