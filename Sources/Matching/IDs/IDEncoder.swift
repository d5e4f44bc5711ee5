// SPDX-License-Identifier: Apache-2.0

/// Writes field values as the IDs of a data source, in batches; not shared between threads.
///
/// A plain ID is the normalized text, a hashed one the lower-case hexadecimal digest of it, an encrypted one the
/// lower-case hexadecimal ciphertext.
package final class IDEncoder {
    private let rule: IDRule
    private let isVisitor: Bool
    private let digester: Digester?
    private let cipher: BatchCipher?
    private let texts = ByteStore()
    private let messages = ByteStore()
    private let digest: UnsafeMutableRawPointer
    // No access to these meets another one, so none is checked at run time for each value.
    @exclusivity(unchecked) private var offsets: [UInt32] = []
    @exclusivity(unchecked) private var lengths: [UInt32] = []

    /// Makes an encoder.
    ///
    /// - Parameter rule: How the IDs stand for the values.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto doesn't offer the algorithm.
    package init(rule: IDRule) throws(MatchingError) {
        self.rule = rule
        isVisitor = rule.form == .visitorID
        var digester: Digester?
        var cipher: BatchCipher?
        switch rule.form {
        case .digest(let algorithm): digester = try Digester(algorithm)
        case .cipher(let key): cipher = try BatchCipher(key)
        case .plain, .visitorID: break
        }
        self.digester = digester
        self.cipher = cipher
        digest = .allocate(byteCount: 64, alignment: 16)
    }

    deinit {
        digest.deallocate()
    }

    /// Adds the ID of each field value to a batch, in the same order.
    ///
    /// A value that no ID can stand for (it is empty, or not of the form) adds a text of length 0.
    ///
    /// - Parameters:
    ///   - fieldValues: The values of the reconciliation key; at most a few thousand at a time keep the caches warm.
    ///   - ids: The batch that is given the IDs.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func encode(_ fieldValues: IDBatch, into ids: IDBatch) throws(MatchingError) {
        texts.count = 0
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for position in 0..<fieldValues.count {
            let place: (start: Int, count: Int)
            if isVisitor {
                place = (texts.count, fieldValues[position].count)
                texts.append(fieldValues[position])
            } else {
                place = rule.normalization.append(fieldValues[position], to: texts)
            }
            let holds = rule.holds(
                UnsafeRawBufferPointer(start: texts.base + place.start, count: place.count)
            )
            try write(place, holds, to: ids)
        }
        if let cipher { try encrypt(with: cipher, into: ids) }
    }

    @inline(__always)
    private func write(_ place: (start: Int, count: Int), _ holds: Bool, to ids: IDBatch)
        throws(MatchingError)
    {
        let text = UnsafeRawBufferPointer(start: texts.base + place.start, count: holds ? place.count : 0)
        if cipher != nil {
            offsets.append(UInt32(truncatingIfNeeded: place.start))
            lengths.append(UInt32(truncatingIfNeeded: text.count))
        } else if let digester, holds {
            try digester.digest(text, into: digest)
            HexText.appendHex(
                UnsafeRawBufferPointer(start: digest, count: digester.algorithm.byteCount),
                to: ids
            )
        } else {
            ids.append(text)
        }
    }

    private func encrypt(with cipher: BatchCipher, into ids: IDBatch) throws(MatchingError) {
        let total = lengths.reduce(0) { $0 + BatchCipher.encryptedByteCount(of: Int($1)) }
        messages.count = 0
        messages.reserve(total)
        try offsets.withUnsafeBufferPointer { offsets throws(MatchingError) in
            try lengths.withUnsafeBufferPointer { lengths throws(MatchingError) in
                try cipher.encrypt(texts.base, offsets: offsets, lengths: lengths, into: messages.base)
            }
        }
        var start = 0
        for length in lengths {
            let byteCount = BatchCipher.encryptedByteCount(of: Int(length))
            let message = UnsafeRawBufferPointer(
                start: messages.base + start,
                count: length == 0 ? 0 : byteCount
            )
            HexText.appendHex(message, to: ids)
            start += byteCount
        }
    }
}
