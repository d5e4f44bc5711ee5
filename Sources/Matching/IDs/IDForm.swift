// SPDX-License-Identifier: Apache-2.0

/// How IDs of a data source are written.
package enum IDForm: Hashable, Sendable {
    /// A visitor ID: 38 decimal digits.
    case visitorID
    /// A declared ID in the clear.
    case plain
    /// A declared ID hashed: the digest in hexadecimal or base64.
    case digest(DigestAlgorithm)
    /// A declared ID encrypted: the ciphertext in hexadecimal or base64.
    case cipher(CipherKey)
}
