// SPDX-License-Identifier: Apache-2.0

import Matching
import Problems

extension CipherKey {
    /// Reads a key and an IV that a person gave, and explains what is wrong with them.
    ///
    /// - Throws: ``Problem`` of kind `data-sources.secret-refused`; it tells lengths, never the secret.
    static func checked(_ algorithm: CipherAlgorithm, keyHex: String, ivHex: String) throws -> CipherKey {
        do {
            return try CipherKey(algorithm, keyHex: keyHex, ivHex: ivHex)
        } catch {
            let name = algorithm.rawValue
            let summary =
                switch error {
                case .keyLength(let expected, let actual):
                    "The encryption key has \(actual * 2) hex digits; \(name) needs \(expected * 2)."
                case .vectorLength(let expected, let actual):
                    "The encryption IV has \(actual * 2) hex digits; it always needs \(expected * 2)."
                case .notHexadecimal(let position):
                    "The encryption key or IV isn't hex: character \(position + 1) is no hex digit, or one is missing."
                default:
                    "The encryption key or IV can't be used."
                }
            throw Problem(.secretRefused, summary, field: "key-file")
        }
    }
}
