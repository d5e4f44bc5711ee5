// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Decrypts and encrypts many short messages under one key and vector in few calls; not shared between threads.
///
/// Many AES-CBC messages joined back to back are one long message whose blocks are right but for the first of each
/// message: there the cipher mixed in the last block of the message before instead of the vector.
/// So one call decrypts a whole batch, and the first blocks are put right afterwards.
/// Encryption goes in layers: the first blocks of all messages in one call, then the second blocks, and so on.
package final class BatchCipher {
    /// The number of bytes of a block.
    private static let block = CipherAlgorithm.blockByteCount

    private let decryption: OpaquePointer
    private let encryption: OpaquePointer
    private let vector: (UInt64, UInt64)
    private let key: CipherKey

    /// The blocks of one layer, and the messages that have one.
    private let layer = ByteStore()
    private var pending: [Int32] = []
    private var offsets: [Int] = []

    /// Makes a cipher.
    ///
    /// - Parameter key: The key and vector of all messages.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto doesn't offer the algorithm.
    package init(_ key: CipherKey) throws(MatchingError) {
        decryption = try Self.context(key.algorithm.chainedName, key, encrypting: false)
        do {
            encryption = try Self.context(key.algorithm.blockName, key, encrypting: true)
        } catch {
            EVP_CIPHER_CTX_free(decryption)
            throw error
        }
        self.key = key
        vector = key.vector.withUnsafeBytes { bytes in
            (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    deinit {
        EVP_CIPHER_CTX_free(decryption)
        EVP_CIPHER_CTX_free(encryption)
    }

    private static func context(
        _ name: String,
        _ key: CipherKey,
        encrypting: Bool
    ) throws(MatchingError) -> OpaquePointer {
        guard let method = EVP_CIPHER_fetch(nil, name, nil) else { throw .lastOfLibrary }
        defer { EVP_CIPHER_free(method) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .lastOfLibrary }
        let vector: [UInt8]? = name.hasSuffix("CBC") ? key.vector : nil
        let started =
            encrypting
            ? EVP_EncryptInit_ex2(context, method, key.key, vector, nil)
            : EVP_DecryptInit_ex2(context, method, key.key, vector, nil)
        guard started == 1, EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw .lastOfLibrary
        }
        return context
    }

    /// Decrypts messages that lie back to back and finds the end of each text.
    ///
    /// - Parameters:
    ///   - messages: The joined messages.
    ///   - lengths: The bytes of each message, each a multiple of 16 and at least 16, in sum `messages.count`.
    ///   - texts: Room for `messages.count` bytes; the text of a message begins where the message began.
    ///   - textLengths: Is given the bytes of each text without its padding, -1 for a message with wrong padding.
    /// - Throws: ``MatchingError/notWholeBlocks(byteCount:)`` or ``MatchingError/cryptography(code:)``.
    package func decrypt(
        _ messages: UnsafeRawBufferPointer,
        lengths: UnsafeBufferPointer<UInt32>,
        into texts: UnsafeMutableRawPointer,
        textLengths: UnsafeMutablePointer<Int32>
    ) throws(MatchingError) {
        guard let source = messages.baseAddress, !messages.isEmpty else { return }
        try decryptJoined(source, messages.count, into: texts)
        var start = 0
        var before = vector
        for (index, length) in lengths.enumerated() {
            let length = Int(length)
            guard length > 0, length % Self.block == 0, start + length <= messages.count else {
                throw .notWholeBlocks(byteCount: length)
            }
            if start > 0 {
                let low = texts.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                let high = texts.loadUnaligned(fromByteOffset: start &+ 8, as: UInt64.self)
                texts.storeBytes(of: low ^ before.0 ^ vector.0, toByteOffset: start, as: UInt64.self)
                texts.storeBytes(of: high ^ before.1 ^ vector.1, toByteOffset: start &+ 8, as: UInt64.self)
            }
            start &+= length
            before.0 = source.loadUnaligned(fromByteOffset: start &- 16, as: UInt64.self)
            before.1 = source.loadUnaligned(fromByteOffset: start &- 8, as: UInt64.self)
            textLengths[index] = Int32(length) &- Self.padding(endingAt: texts + start, length: Int32(length))
        }
    }

    private func decryptJoined(
        _ source: UnsafeRawPointer,
        _ count: Int,
        into texts: UnsafeMutableRawPointer
    ) throws(MatchingError) {
        guard EVP_DecryptInit_ex2(decryption, nil, nil, key.vector, nil) == 1 else { throw .lastOfLibrary }
        var done = 0
        while done < count {
            let piece = min(count - done, 1 << 30)
            var written: Int32 = 0
            guard
                EVP_DecryptUpdate(
                    decryption,
                    (texts + done).assumingMemoryBound(to: UInt8.self),
                    &written,
                    (source + done).assumingMemoryBound(to: UInt8.self),
                    Int32(piece)
                ) == 1,
                Int(written) == piece / Self.block * Self.block
            else { throw .lastOfLibrary }
            done += piece
        }
    }

    /// The number of padding bytes before an end, or one more than the length if the padding is wrong.
    @inline(__always)
    private static func padding(endingAt end: UnsafeMutableRawPointer, length: Int32) -> Int32 {
        let low = end.loadUnaligned(fromByteOffset: -16, as: UInt64.self)
        let high = end.loadUnaligned(fromByteOffset: -8, as: UInt64.self)
        let count = UInt64(high >> 56)
        guard count &- 1 < 16 else { return length &+ 1 }
        let expected = count &* 0x0101_0101_0101_0101
        let wrong: UInt64
        if count <= 8 {
            wrong = (high ^ expected) & (UInt64.max << (64 &- count &* 8))
        } else {
            let lowMask = count == 16 ? UInt64.max : UInt64.max << (128 &- count &* 8)
            wrong = (high ^ expected) | ((low ^ expected) & lowMask)
        }
        return wrong == 0 ? Int32(count) : length &+ 1
    }

    /// Encrypts texts, each padded and under the vector, and writes the messages back to back.
    ///
    /// - Parameters:
    ///   - texts: The texts to encrypt, joined.
    ///   - textOffsets: Where each text begins.
    ///   - textLengths: The bytes of each text.
    ///   - messages: Room for the messages: ``encryptedByteCount(of:)`` of each text.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func encrypt(
        _ texts: UnsafeRawPointer,
        offsets textOffsets: UnsafeBufferPointer<UInt32>,
        lengths textLengths: UnsafeBufferPointer<UInt32>,
        into messages: UnsafeMutableRawPointer
    ) throws(MatchingError) {
        pending.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        var end = 0
        for index in 0..<textLengths.count {
            let length = Int(textLengths[index])
            let padded = Self.encryptedByteCount(of: length)
            let message = messages + end
            message.copyMemory(from: texts + Int(textOffsets[index]), byteCount: length)
            let filling = UInt8(padded - length)
            for position in length..<padded {
                message.storeBytes(of: filling, toByteOffset: position, as: UInt8.self)
            }
            pending.append(Int32(index))
            offsets.append(end)
            end += padded
        }
        layer.count = 0
        layer.reserve(pending.count * Self.block)
        var depth = 0
        while !pending.isEmpty {
            try encryptLayer(depth, messages)
            depth += Self.block
            let next = depth
            pending.removeAll { Self.encryptedByteCount(of: Int(textLengths[Int($0)])) <= next }
        }
    }

    /// The number of bytes of the message of a text: whole blocks with at least one byte of padding.
    ///
    /// - Parameter textLength: The bytes of the text.
    /// - Returns: A multiple of 16, at least 16.
    @inline(__always)
    package static func encryptedByteCount(of textLength: Int) -> Int { (textLength / block + 1) * block }

    /// Encrypts, at one depth, the blocks of all pending messages in one call.
    private func encryptLayer(_ depth: Int, _ messages: UnsafeMutableRawPointer) throws(MatchingError) {
        let blocks = UnsafeMutableRawPointer(layer.base)
        for (slot, index) in pending.enumerated() {
            let place = messages + offsets[Int(index)] + depth
            let before =
                depth == 0
                ? vector
                : (
                    (place - 16).loadUnaligned(as: UInt64.self),
                    (place - 8).loadUnaligned(as: UInt64.self)
                )
            let low = place.loadUnaligned(as: UInt64.self) ^ before.0
            let high = (place + 8).loadUnaligned(as: UInt64.self) ^ before.1
            blocks.storeBytes(of: low, toByteOffset: slot &* 16, as: UInt64.self)
            blocks.storeBytes(of: high, toByteOffset: slot &* 16 &+ 8, as: UInt64.self)
        }
        let byteCount = Int32(pending.count * Self.block)
        var written: Int32 = 0
        guard EVP_EncryptUpdate(encryption, layer.base, &written, layer.base, byteCount) == 1,
            written == byteCount
        else { throw .lastOfLibrary }
        for (slot, index) in pending.enumerated() {
            (messages + offsets[Int(index)] + depth).copyMemory(from: blocks + slot * 16, byteCount: 16)
        }
    }
}
