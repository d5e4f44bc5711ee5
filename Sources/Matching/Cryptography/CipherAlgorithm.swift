// SPDX-License-Identifier: Apache-2.0

/// A cipher that declared IDs are encrypted with: AES (FIPS 197) in CBC mode with PKCS#7 padding (RFC 5652, 6.3).
package enum CipherAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// A key of 128 bits.
    case aes128CBC = "aes-128-cbc"
    /// A key of 192 bits.
    case aes192CBC = "aes-192-cbc"
    /// A key of 256 bits.
    case aes256CBC = "aes-256-cbc"

    /// The number of bytes of a block and of the initialization vector.
    package static let blockByteCount = 16

    /// The number of bytes of a key.
    package var keyByteCount: Int {
        switch self {
        case .aes128CBC: 16
        case .aes192CBC: 24
        case .aes256CBC: 32
        }
    }

    /// The name under which libcrypto knows the whole mode.
    var chainedName: String { "AES-\(keyByteCount * 8)-CBC" }

    /// The name under which libcrypto knows the bare block cipher.
    var blockName: String { "AES-\(keyByteCount * 8)-ECB" }
}
