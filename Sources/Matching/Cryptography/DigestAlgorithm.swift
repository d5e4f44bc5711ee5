// SPDX-License-Identifier: Apache-2.0

/// A hash function that a website or a customer database writes declared IDs with (RFC 1321, FIPS 180-4).
package enum DigestAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// MD5, 16 bytes.
    case md5
    /// SHA-1, 20 bytes.
    case sha1
    /// SHA-256, 32 bytes.
    case sha256
    /// SHA-384, 48 bytes.
    case sha384
    /// SHA-512, 64 bytes.
    case sha512

    /// The number of bytes of a digest.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The name under which libcrypto knows it.
    var libraryName: String {
        switch self {
        case .md5: "MD5"
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        }
    }
}
