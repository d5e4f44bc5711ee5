// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A running checksum of a file's raw bytes: SHA-256, on request also MD5, and their number.
///
/// Control files state the MD5 of the compressed file, receipts the SHA-256. One owner at a time.
package final class FileDigest {
    /// What is known of a file after its last byte.
    package struct Value: Sendable, Hashable {
        /// The size of the file in bytes.
        package let byteCount: Int

        /// The SHA-256 of the file as 64 lower-case hexadecimal digits (FIPS 180-4).
        package let sha256: String

        /// The MD5 of the file as 32 lower-case hexadecimal digits, if it was asked for (RFC 1321).
        package let md5: String?

        /// A value made from its parts.
        package init(byteCount: Int, sha256: String, md5: String?) {
            self.byteCount = byteCount
            self.sha256 = sha256
            self.md5 = md5
        }
    }

    private let sha256: OpaquePointer
    private let md5: OpaquePointer?
    private var byteCount = 0

    /// A checksum of nothing yet.
    ///
    /// MD5 stays out, and the value's `md5` nil, where the system's policy forbids it.
    package init(wantsMD5: Bool = false) {
        guard let sha256 = Self.context(EVP_sha256()) else {
            preconditionFailure("the cryptographic library offers no SHA-256")
        }
        self.sha256 = sha256
        self.md5 = wantsMD5 ? Self.context(EVP_md5()) : nil
    }

    deinit {
        EVP_MD_CTX_free(sha256)
        if let md5 { EVP_MD_CTX_free(md5) }
    }

    /// Adds the next bytes of the file.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        EVP_DigestUpdate(sha256, bytes.baseAddress, bytes.count)
        if let md5 { EVP_DigestUpdate(md5, bytes.baseAddress, bytes.count) }
        byteCount += bytes.count
    }

    /// The checksums of all bytes added; nothing may be added afterwards.
    package func finish() -> Value {
        Value(byteCount: byteCount, sha256: Self.hex(sha256), md5: md5.map(Self.hex))
    }

    private static func context(_ algorithm: OpaquePointer?) -> OpaquePointer? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        guard EVP_DigestInit_ex(context, algorithm, nil) == 1 else {
            EVP_MD_CTX_free(context)
            return nil
        }
        return context
    }

    private static func hex(_ context: OpaquePointer) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &count)
        let figures = Array("0123456789abcdef".utf8)
        let text = digest.prefix(Int(count)).flatMap { [figures[Int($0 >> 4)], figures[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
