// SPDX-License-Identifier: Apache-2.0

import Crypto
import Matching

/// What an index maps to profile numbers: visitor IDs, or a profile field in a normalized and perhaps hashed form.
///
/// Data sources with the same definition use the same index; an encrypted source reconciles decrypted IDs, so
/// it shares the index of the plain field.
struct IndexDefinition: Hashable, Sendable {
    enum Subject: Hashable, Sendable {
        case visitors
        case field(String, Normalization, DigestAlgorithm?)
    }

    let subject: Subject

    /// The index of the links between visitors and profiles.
    static let visitors = IndexDefinition(subject: .visitors)

    /// The index that finds profiles by the exact value of a field, for loading and unique fields.
    static func exact(_ field: String) -> IndexDefinition {
        IndexDefinition(subject: .field(field, Normalization.none, nil))
    }

    /// The index through which a declared ID reconciles.
    init(key: String, rule: IDRule) {
        if case .digest(let algorithm) = rule.form {
            subject = .field(key, rule.normalization, algorithm)
        } else {
            subject = .field(key, rule.normalization, nil)
        }
    }

    private init(subject: Subject) {
        self.subject = subject
    }

    /// The text that identifies the definition in the database, version of the normalizers included.
    var text: String {
        switch subject {
        case .visitors:
            "visitors"
        case .field(let name, let normalization, let digest):
            "field:\(name):\(normalization):\(Normalization.version):\(digest?.rawValue ?? "plain")"
        }
    }

    /// Reads what ``text`` wrote; `nil` for a text of another version.
    init?(text: String) {
        if text == "visitors" {
            subject = .visitors
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "field", Int(parts[3]) == Normalization.version,
            let normalization = try? Normalization(parsing: parts[2])
        else { return nil }
        let digest = DigestAlgorithm(rawValue: parts[4])
        guard digest != nil || parts[4] == "plain" else { return nil }
        subject = .field(parts[1], normalization, digest)
    }

    /// 16 bytes that an index file carries, so that it is never taken for another one.
    var fingerprint: [UInt8] {
        Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
    }

    /// Whether it finds profiles by the exact value of a field.
    var isExact: Bool {
        guard case .field(_, .none, nil) = subject else { return false }
        return true
    }

    /// The field whose changes change the index.
    var field: String? {
        guard case .field(let name, _, _) = subject else { return nil }
        return name
    }

    /// How a profile's value becomes the canonical ID behind the index's key.
    var rule: IDRule {
        switch subject {
        case .visitors:
            IDRule(.visitorID)
        case .field(_, let normalization, let digest):
            IDRule(digest.map(IDForm.digest) ?? .plain, normalization: normalization)
        }
    }
}
