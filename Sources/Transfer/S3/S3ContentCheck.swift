// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import NIOHTTP1

/// A running comparison of an object's contents with the best checksum that the storage tells.
struct S3ContentCheck {
    private var sum: Sum
    private let expected: [UInt8]

    private enum Sum {
        case sha256(SHA256)
        case sha1(Insecure.SHA1)
        case md5(Insecure.MD5)
        case cyclic(CyclicChecksum)
    }

    /// Chooses the checksum; nothing where the storage tells none of the contents as a whole.
    ///
    /// - Parameters:
    ///   - status: What the storage knows about the object.
    ///   - isAmazon: Whether the ETag of an object that the server encrypts with its own keys is still an MD5.
    init?(_ status: S3ObjectStatus, isAmazon: Bool) {
        let headers = status.headers
        func checksum(_ name: String, _ count: Int) -> [UInt8]? {
            // The checksum of a file in parts ends in their number and is not one of the contents.
            headers.first(name: "x-amz-checksum-\(name)").flatMap { Data(base64Encoded: $0) }
                .flatMap { $0.count == count ? Array($0) : nil }
        }
        if let digest = status.sha256.flatMap(S3ContentCheck.bytes) ?? checksum("sha256", 32) {
            (sum, expected) = (.sha256(SHA256()), digest)
        } else if let digest = S3ContentCheck.md5(status, isAmazon: isAmazon) {
            (sum, expected) = (.md5(Insecure.MD5()), digest)
        } else if let digest = checksum("crc64nvme", 8) {
            (sum, expected) = (.cyclic(CyclicChecksum(.crc64nvme)), digest)
        } else if let digest = checksum("sha1", 20) {
            (sum, expected) = (.sha1(Insecure.SHA1()), digest)
        } else if let digest = checksum("crc32c", 4) {
            (sum, expected) = (.cyclic(CyclicChecksum(.crc32c)), digest)
        } else if let digest = checksum("crc32", 4) {
            (sum, expected) = (.cyclic(CyclicChecksum(.crc32)), digest)
        } else {
            return nil
        }
    }

    /// What the contents are compared with where that is a SHA-256.
    var sha256: [UInt8]? {
        guard case .sha256 = sum else { return nil }
        return expected
    }

    /// Takes in the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch sum {
        case .sha256(var hash):
            hash.update(bufferPointer: bytes)
            sum = .sha256(hash)
        case .sha1(var hash):
            hash.update(bufferPointer: bytes)
            sum = .sha1(hash)
        case .md5(var hash):
            hash.update(bufferPointer: bytes)
            sum = .md5(hash)
        case .cyclic(var checksum):
            checksum.update(bytes)
            sum = .cyclic(checksum)
        }
    }

    /// Whether everything taken in is what the storage said.
    var isRight: Bool {
        switch sum {
        case .sha256(let hash): hash.finalize().elementsEqual(expected)
        case .sha1(let hash): hash.finalize().elementsEqual(expected)
        case .md5(let hash): hash.finalize().elementsEqual(expected)
        case .cyclic(let checksum): checksum.finish() == expected
        }
    }

    /// The MD5 of the contents, which the ETag is for objects written in one piece and not encrypted by others' keys.
    private static func md5(_ status: S3ObjectStatus, isAmazon: Bool) -> [UInt8]? {
        let encryption = status.headers.first(name: "x-amz-server-side-encryption")
        guard encryption == nil || (isAmazon && encryption == "AES256"),
            !status.headers.contains(name: "x-amz-server-side-encryption-customer-algorithm")
        else { return nil }
        let digest = bytes(status.etag.trimmingCharacters(in: ["\""]))
        return digest?.count == 16 ? digest : nil
    }

    /// The bytes that hexadecimal digits stand for.
    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0))
        }
    }
}
