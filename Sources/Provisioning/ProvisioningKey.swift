// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Problems

/// The key pair of one request (X25519): made for it, and forgotten with it.
package struct ProvisioningKey: Sendable, CustomStringConvertible, CustomReflectable {
    let key: Curve25519.KeyAgreement.PrivateKey

    package var description: String { "•••" }

    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Makes a new pair.
    package init() {
        key = Curve25519.KeyAgreement.PrivateKey()
    }

    /// Takes a private key that was kept.
    ///
    /// - Parameter bytes: The 32 bytes of ``bytes``.
    /// - Throws: `CryptoKitError` for another number of bytes.
    package init(bytes: [UInt8]) throws {
        key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
    }

    /// The private key, 32 bytes, to be sealed.
    package var bytes: [UInt8] { Array(key.rawRepresentation) }

    /// The public key in base64url.
    var publicText: String { Base64URL.encode(key.publicKey.rawRepresentation) }
}
