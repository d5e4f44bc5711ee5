// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The time and the randomness that the product uses, so that tests and files are exact.
package struct World: Sendable {
    /// The current time.
    package var now: @Sendable () -> Date

    /// Random bytes from the operating system's generator, as many as asked for.
    package var randomBytes: @Sendable (Int) -> [UInt8]

    /// Makes a world.
    ///
    /// - Parameters:
    ///   - now: The current time.
    ///   - randomBytes: Random bytes, as many as asked for.
    package init(
        now: @escaping @Sendable () -> Date = { Date() },
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = { count in
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
    ) {
        self.now = now
        self.randomBytes = randomBytes
    }

    /// Random text of hex digits.
    ///
    /// - Parameter byteCount: How many bytes to write as two digits each.
    /// - Returns: Twice as many lower-case digits.
    package func randomHex(_ byteCount: Int) -> String {
        randomBytes(byteCount).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The current time in milliseconds since 1970 UTC, as the database stores it.
    package var milliseconds: Int64 {
        Int64((now().timeIntervalSince1970 * 1000).rounded(.down))
    }
}
