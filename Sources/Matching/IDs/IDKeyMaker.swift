// SPDX-License-Identifier: Apache-2.0

/// Makes the index keys of field values by a rule, one value after the other; not shared between threads.
package final class IDKeyMaker {
    private let rule: IDRule
    private let secret: IDKeySecret
    private let digester: Digester?
    private let text = ByteStore(capacity: 1024)
    private let digest: UnsafeMutableRawPointer

    /// Makes a maker of keys.
    ///
    /// - Parameters:
    ///   - rule: How the IDs stand for the values.
    ///   - secret: The secret of the index.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto doesn't offer the algorithm.
    package init(rule: IDRule, secret: IDKeySecret) throws(MatchingError) {
        self.rule = rule
        self.secret = secret
        if case .digest(let algorithm) = rule.form {
            digester = try Digester(algorithm)
        } else {
            digester = nil
        }
        digest = .allocate(byteCount: 64, alignment: 16)
    }

    deinit {
        digest.deallocate()
    }

    /// The key under which a profile with this field value belongs in the index.
    ///
    /// - Parameter fieldValue: The value of the reconciliation key, as UTF-8.
    /// - Returns: The key; none if no ID can stand for the value: it is empty, or not of the form.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func key(of fieldValue: UnsafeRawBufferPointer) throws(MatchingError) -> IDKey? {
        guard let canonical = try canonical(of: fieldValue), let base = canonical.baseAddress else {
            return nil
        }
        return SipHash.key(base, canonical.count, secret)
    }

    /// The key under which a profile with this field value belongs in the index, as above.
    ///
    /// - Parameter fieldValue: The value of the reconciliation key.
    /// - Returns: The key; none if no ID can stand for the value: it is empty, or not of the form.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func key(of fieldValue: String) throws(MatchingError) -> IDKey? {
        try UTF8Text.withBytes(of: fieldValue) { bytes throws(MatchingError) in try key(of: bytes) }
    }

    /// The canonical bytes of a field value; valid until the next call.
    func canonical(of fieldValue: UnsafeRawBufferPointer) throws(MatchingError) -> UnsafeRawBufferPointer? {
        if rule.form == .visitorID {
            guard fieldValue.count == 38, let base = fieldValue.baseAddress, IDRule.isVisitorID(base) else {
                return nil
            }
            return fieldValue
        }
        text.count = 0
        let place = rule.normalization.append(fieldValue, to: text)
        let normalized = UnsafeRawBufferPointer(start: text.base + place.start, count: place.count)
        guard rule.holds(normalized) else { return nil }
        guard let digester else { return normalized }
        try digester.digest(normalized, into: digest)
        return UnsafeRawBufferPointer(start: digest, count: digester.algorithm.byteCount)
    }
}

extension IDRule {
    /// Whether an ID can stand for a normalized field value.
    @inline(__always)
    func holds(_ normalized: UnsafeRawBufferPointer) -> Bool {
        switch form {
        case .visitorID: normalized.count == 38 && normalized.baseAddress.map(Self.isVisitorID) == true
        case .plain: Self.plainReason(normalized) == .none
        case .digest: !normalized.isEmpty
        case .cipher: addressForm.accepts(normalized)
        }
    }
}
