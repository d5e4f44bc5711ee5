// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Makes digests of one algorithm, one value at a time; not shared between threads.
package final class Digester {
    /// The algorithm of all digests.
    package let algorithm: DigestAlgorithm

    private let context: OpaquePointer
    private let method: OpaquePointer

    /// Makes a digester.
    ///
    /// - Parameter algorithm: The algorithm of all digests.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto doesn't offer the algorithm.
    package init(_ algorithm: DigestAlgorithm) throws(MatchingError) {
        guard let method = EVP_MD_fetch(nil, algorithm.libraryName, nil) else { throw .lastOfLibrary }
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, method, nil) == 1 else {
            EVP_MD_free(method)
            throw .lastOfLibrary
        }
        self.algorithm = algorithm
        self.method = method
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(method)
    }

    /// Writes the digest of a value.
    ///
    /// - Parameters:
    ///   - bytes: The value.
    ///   - result: Room for ``DigestAlgorithm/byteCount`` bytes.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func digest(
        _ bytes: UnsafeRawBufferPointer,
        into result: UnsafeMutableRawPointer
    ) throws(MatchingError) {
        guard EVP_DigestInit_ex2(context, nil, nil) == 1,
            EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1,
            EVP_DigestFinal_ex(context, result.assumingMemoryBound(to: UInt8.self), nil) == 1
        else { throw .lastOfLibrary }
    }

    /// The digest of a value.
    ///
    /// - Parameter bytes: The value.
    /// - Returns: ``DigestAlgorithm/byteCount`` bytes.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func digest(_ bytes: [UInt8]) throws(MatchingError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: algorithm.byteCount)
        try bytes.withUnsafeBufferPointer { bytes throws(MatchingError) in
            try result.withUnsafeMutableBufferPointer { room throws(MatchingError) in
                guard let base = room.baseAddress else { return }
                try digest(UnsafeRawBufferPointer(bytes), into: base)
            }
        }
        return result
    }
}

extension MatchingError {
    /// The last error of libcrypto on this thread.
    static var lastOfLibrary: MatchingError { .cryptography(code: UInt(ERR_get_error())) }
}
