// SPDX-License-Identifier: Apache-2.0

/// The 16 secret bytes under which IDs become index keys; shown as "•••".
package struct IDKeySecret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The number of bytes of a secret.
    package static let byteCount = 16

    let first: UInt64
    let second: UInt64

    /// Makes a secret from stored bytes.
    ///
    /// - Parameter bytes: 16 bytes.
    /// - Throws: ``MatchingError/secretLength(expected:actual:)`` for another number of bytes.
    package init(bytes: [UInt8]) throws(MatchingError) {
        guard bytes.count == Self.byteCount else {
            throw .secretLength(expected: Self.byteCount, actual: bytes.count)
        }
        (first, second) = bytes.withUnsafeBytes { raw in
            (raw.loadUnaligned(as: UInt64.self), raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    /// A new secret from the operating system's generator.
    ///
    /// - Returns: A secret that nobody knows yet.
    package static func random() -> IDKeySecret {
        var generator = SystemRandomNumberGenerator()
        return IDKeySecret(first: generator.next(), second: generator.next())
    }

    /// The 16 bytes, to be sealed and stored.
    package var bytes: [UInt8] { IDKey(first: first, second: second).bytes }

    /// Always "•••".
    package var description: String { "•••" }

    /// Always "•••".
    package var debugDescription: String { "•••" }

    /// Shows nothing of the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
