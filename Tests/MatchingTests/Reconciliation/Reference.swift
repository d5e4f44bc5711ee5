// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import Matching

/// The matching engine written the naive way: one value after the other, with `String`, `Data` and dictionaries.
enum Reference {
    static func normalized(_ text: String, _ normalization: Normalization) -> String {
        normalization.steps.reduce(text) { text, step in
            switch step {
            case .trim:
                let scalars = text.unicodeScalars
                let kept = scalars.drop { $0.properties.isWhitespace }.reversed()
                    .drop { $0.properties.isWhitespace }.reversed()
                return String(String.UnicodeScalarView(kept))
            case .lower:
                return String(
                    String.UnicodeScalarView(
                        text.unicodeScalars.map { scalar in
                            scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
                        }
                    )
                )
            case .e164:
                var kept = String(
                    text.unicodeScalars.filter { !" .-()/\u{A0}\u{202F}".unicodeScalars.contains($0) }
                        .map(Character.init)
                )
                if kept.hasPrefix("00") { kept = "+" + kept.dropFirst(2) }
                return kept.wholeMatch(of: /\+[1-9][0-9]{6,14}/) != nil ? kept : text
            }
        }
    }

    static func isAddress(_ text: String, _ form: AddressForm) -> Bool {
        let isText =
            !text.isEmpty && text.utf8.count <= 1024 && text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
        switch form {
        case .any: return isText
        case .mobilePhone: return text.wholeMatch(of: /\+[1-9][0-9]{6,14}/) != nil
        case .email:
            guard isText, text.utf8.count <= 128 else { return false }
            let halves = text.split(separator: "@", omittingEmptySubsequences: false)
            guard halves.count == 2, !halves[0].isEmpty, halves[0].utf8.count <= 64 else { return false }
            let forbidden = " \"(),:;<>[\\]"
            guard !halves[0].contains(where: forbidden.contains) else { return false }
            let labels = halves[1].split(separator: ".", omittingEmptySubsequences: false)
            return labels.count >= 2
                && labels.allSatisfy { label in
                    !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                        && label.unicodeScalars.allSatisfy {
                            !$0.isASCII || $0 == "-" || ("0"..."9").contains($0) || ("a"..."z").contains($0)
                                || ("A"..."Z").contains($0)
                        }
                }
        }
    }

    static func digest(_ text: String, _ algorithm: DigestAlgorithm) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        EVP_Digest(
            Array(text.utf8),
            text.utf8.count,
            &result,
            &count,
            EVP_get_digestbyname(algorithm.rawValue),
            nil
        )
        return Array(result[..<Int(count)])
    }

    static func encrypted(
        _ text: [UInt8],
        _ algorithm: CipherAlgorithm,
        _ key: [UInt8],
        _ vector: [UInt8],
        padding: Bool = true
    ) -> [UInt8] {
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: text.count + 32)
        var first: Int32 = 0
        var second: Int32 = 0
        EVP_EncryptInit_ex(context, EVP_get_cipherbyname(algorithm.rawValue), nil, key, vector)
        EVP_CIPHER_CTX_set_padding(context, padding ? 1 : 0)
        EVP_EncryptUpdate(context, &result, &first, text, Int32(text.count))
        result.withUnsafeMutableBufferPointer { room in
            _ = EVP_EncryptFinal_ex(context, room.baseAddress.map { $0 + Int(first) }, &second)
        }
        return Array(result[..<Int(first + second)])
    }

    static func encryptedRaw(
        _ blocks: [UInt8],
        _ algorithm: CipherAlgorithm,
        _ key: [UInt8],
        _ vector: [UInt8]
    ) -> [UInt8] {
        encrypted(blocks, algorithm, key, vector, padding: false)
    }

    static func decrypted(
        _ message: [UInt8],
        _ algorithm: CipherAlgorithm,
        _ key: [UInt8],
        _ vector: [UInt8]
    ) -> [UInt8]? {
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: message.count + 32)
        var first: Int32 = 0
        var second: Int32 = 0
        EVP_DecryptInit_ex(context, EVP_get_cipherbyname(algorithm.rawValue), nil, key, vector)
        EVP_DecryptUpdate(context, &result, &first, message, Int32(message.count))
        let isWhole = result.withUnsafeMutableBufferPointer { room in
            EVP_DecryptFinal_ex(context, room.baseAddress.map { $0 + Int(first) }, &second) == 1
        }
        return isWhole ? Array(result[..<Int(first + second)]) : nil
    }

    /// The bytes that hexadecimal or base64 text stands for.
    static func decoded(_ text: String, isWanted: (Int) -> Bool) -> [UInt8]? {
        for prefix in ["", "0x", "0X", "\\x", "\\X", "x", "X"] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(prefix.count)
            if digits.utf8.count % 2 == 0, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                isWanted(digits.count / 2)
            {
                return bytes(hex: String(digits))
            }
        }
        var standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let isPadded = standard.hasSuffix("=")
        if isPadded, standard.utf8.count % 4 != 0 { return nil }
        while standard.utf8.count % 4 != 0 { standard += "=" }
        guard let data = Data(base64Encoded: standard), isWanted(data.count) else { return nil }
        return data.base64EncodedString() == standard ? Array(data) : nil
    }
}

/// The naive reconciler: a dictionary of lists of profile numbers.
struct ReferenceReconciler {
    let rule: IDRule
    let mode: Reconciler.Mode
    let keyBytes: [UInt8]
    let vector: [UInt8]
    var profiles: [[UInt8]: [ProfileNumber]] = [:]

    mutating func insert(_ value: String, _ number: ProfileNumber) {
        guard let canonical = canonical(of: value) else { return }
        profiles[canonical, default: []].removeAll { $0 == number }
        profiles[canonical, default: []].insert(number, at: 0)
    }

    func canonical(of value: String) -> [UInt8]? {
        if rule.form == .visitorID {
            return value.wholeMatch(of: /[0-9]{38}/) != nil ? Array(value.utf8) : nil
        }
        let text = Reference.normalized(value, rule.normalization)
        switch rule.form {
        case .visitorID: return nil
        case .plain: return isPlain(text) ? Array(text.utf8) : nil
        case .digest(let algorithm): return text.isEmpty ? nil : Reference.digest(text, algorithm)
        case .cipher: return Reference.isAddress(text, rule.addressForm) ? Array(text.utf8) : nil
        }
    }

    private func isPlain(_ text: String) -> Bool {
        Reference.isAddress(text, .any) && !text.contains(":") && !text.lowercased().contains("%3a")
    }

    /// The outcome, the profiles and the address of one ID.
    func reconcile(_ id: String) -> (Reconciliation.Outcome, [ProfileNumber], String?) {
        switch rule.form {
        case .visitorID:
            guard let canonical = canonical(of: id) else { return (.malformed, [], nil) }
            return found(canonical, nil)
        case .plain:
            let text = Reference.normalized(id, rule.normalization)
            guard isPlain(id), !text.isEmpty else { return (.malformed, [], nil) }
            return found(Array(text.utf8), nil)
        case .digest(let algorithm):
            guard let digest = Reference.decoded(id, isWanted: { $0 == algorithm.byteCount }) else {
                return (.malformed, [], nil)
            }
            return found(digest, nil)
        case .cipher(let key):
            let message = Reference.decoded(id) { $0 > 0 && $0 % 16 == 0 && $0 <= 1040 }
            guard let message else { return (.malformed, [], nil) }
            guard let plain = Reference.decrypted(message, key.algorithm, keyBytes, vector),
                let text = String(validating: plain, as: UTF8.self)
            else { return (.undecryptable, [], nil) }
            let address = Reference.normalized(text, rule.normalization)
            guard Reference.isAddress(address, rule.addressForm) else { return (.undecryptable, [], nil) }
            return found(Array(address.utf8), mode == .profiles ? nil : address)
        }
    }

    private func found(_ canonical: [UInt8], _ address: String?) -> (
        Reconciliation.Outcome, [ProfileNumber], String?
    ) {
        if mode != .addresses, let numbers = profiles[canonical] { return (.matched, numbers, address) }
        return (address == nil ? .unknown : .address, [], address)
    }
}
