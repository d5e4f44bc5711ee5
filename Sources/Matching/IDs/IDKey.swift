// SPDX-License-Identifier: Apache-2.0

/// What an index knows an ID by: 128 bits that tell nothing about the ID without the secret.
package struct IDKey: Hashable, Sendable {
    let first: UInt64
    /// The second half; as good as a hash of its own.
    package let second: UInt64

    @inline(__always)
    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    /// The key of an ID: SipHash-2-4 with 128 bits of output (Aumasson and Bernstein) of its canonical bytes.
    ///
    /// - Parameters:
    ///   - canonical: The canonical bytes of the ID; see ``IDRule``.
    ///   - secret: The secret of the index.
    package init(canonical: UnsafeRawBufferPointer, secret: IDKeySecret) {
        var nothing: UInt64 = 0
        self = withUnsafeBytes(of: &nothing) { empty in
            let base = canonical.baseAddress ?? empty.baseAddress
            guard let base else { return IDKey(first: 0, second: 0) }
            return SipHash.key(base, canonical.count, secret)
        }
    }

    /// The key of an ID, as above.
    ///
    /// - Parameters:
    ///   - canonical: The canonical bytes of the ID; see ``IDRule``.
    ///   - secret: The secret of the index.
    package init(canonical: [UInt8], secret: IDKeySecret) {
        self = canonical.withUnsafeBytes { IDKey(canonical: $0, secret: secret) }
    }

    /// Reads a key that ``bytes`` gave.
    ///
    /// - Parameter bytes: The 16 bytes.
    package init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == 16, "a key has 16 bytes")
        first = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The 16 bytes of the key, in the order of the published test vectors.
    package var bytes: [UInt8] {
        [first, second].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }
}
