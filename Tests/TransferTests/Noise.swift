// SPDX-License-Identifier: Apache-2.0

import Surroundings

/// Contents that look random and are the same in every run.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var numbers = SeededNumbers(seed: seed)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in stride(from: 0, to: count, by: 8) {
            var number = numbers.next()
            for place in index..<min(count, index + 8) {
                buffer[place] = UInt8(truncatingIfNeeded: number)
                number >>= 8
            }
        }
        initialized = count
    }
}
