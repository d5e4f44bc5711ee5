// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A running SHA-256 and byte count of contents that pass by.
struct ContentHasher: ~Copyable {
    private let context: OpaquePointer
    private var byteCount = 0

    init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto offers no SHA-256")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Takes in the next bytes.
    mutating func update(_ bytes: ArraySlice<UInt8>) {
        _ = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        byteCount += bytes.count
    }

    /// The size and checksum of everything taken in.
    consuming func finish() -> Fingerprint {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return Fingerprint(byteCount: byteCount, sha256: digest)
    }
}
