// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage

/// The well-formed IDs of a file that no profile has, kept as keys or, where they can be normalized, as texts.
final class UnknownIDs {
    let rule: IDRule
    private let secret: IDKeySecret
    private let limit: Int
    private var digests = Set<IDKey>()
    private var texts = Set<[UInt8]>()

    init(_ source: SharedDataSource, secret: IDKeySecret, limit: Int) {
        rule = source.rule
        self.secret = secret
        self.limit = limit
    }

    /// How many different IDs are kept.
    var count: Int { digests.count + texts.count }

    /// Keeps an ID as the file has it, or the address that it was decrypted to.
    func take(_ id: UnsafeRawBufferPointer) throws {
        guard count < limit else { return }
        switch rule.form {
        case .visitorID: return
        case .digest(let algorithm):
            let text = String(decoding: id, as: UTF8.self)
            guard let digest = TextEncoding.decode(text, expectedByteCount: algorithm.byteCount) else {
                return
            }
            digests.insert(IDKey(canonical: digest, secret: secret))
        case .plain, .cipher:
            texts.insert(Array(id))
        }
    }

    /// The keys of the IDs if they had been normalized like this, each with the number of its ID.
    ///
    /// Of several IDs that come to the same key, the number is that of one.
    func keys(under normalization: Normalization) throws -> [IDKey: Int] {
        var keys = [IDKey: Int](minimumCapacity: count)
        if case .digest = rule.form {
            for (number, digest) in digests.enumerated() { keys[digest] = number }
            return keys
        }
        let maker = try IDKeyMaker(rule: IDRule(.plain, normalization: normalization), secret: secret)
        for (number, text) in texts.enumerated() {
            guard let key = try text.withUnsafeBytes({ try maker.key(of: $0) }) else { continue }
            if keys[key] == nil { keys[key] = number }
        }
        return keys
    }

    /// The other normalizations: every set of normalizers in the order trim, lower, e164.
    ///
    /// The order of two normalizers makes no difference to any value but those that no ID stands for.
    func candidates() throws -> [Normalization] {
        let all = Normalizer.allCases
        return try (0..<(1 << all.count)).map { bits in
            try Normalization(all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] })
        }
        .filter { $0 != rule.normalization }
    }
}
