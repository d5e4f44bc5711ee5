// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// The options that say how the IDs of a data source reconcile with profiles.
package struct ReconciliationOptions: ParsableArguments {
    @Option(help: "The reconciliation key: the profile field that an ID stands for.") var key: String?
    @Option(help: "Steps applied before hashing or encrypting: trim, lower, e164, joined by commas.")
    var normalize: String?
    @Option(help: "The IDs are digests: md5, sha1, sha256, sha384 or sha512.") var hash: String?
    @Option(help: "The IDs are encrypted: aes-128-cbc, aes-192-cbc or aes-256-cbc.") var cipher: String?
    @Option(help: "A file with the encryption key in hex, or - for standard input.") var keyFile: String?
    @Option(help: "A file with the encryption IV in hex, or - for standard input.") var ivFile: String?
    @Option(help: "What a decrypted ID is: email, sms or other.") var channel: String?

    package init() {}

    package func validate() throws {
        do {
            try SharedDataSourceDraft.checkWords(
                normalize: normalize,
                hash: hash,
                cipher: cipher,
                channel: channel
            )
        } catch {
            throw ValidationError(error.sentence)
        }
    }

    /// Whether any of the options was given.
    var isGiven: Bool {
        [key, normalize, hash, cipher, keyFile, ivFile, channel].contains { $0 != nil }
    }

    /// Puts what was given into a draft; secrets are read from their files.
    ///
    /// - Parameter draft: The draft.
    /// - Throws: ``Problem`` of kind `secrets.file-unreadable`.
    func apply(to draft: inout SharedDataSourceDraft) throws {
        draft.key = key
        draft.normalize = normalize
        draft.hash = hash
        draft.cipher = cipher
        draft.keyText = try keyFile.map { try SecretFile.read($0, option: "key-file") }
        draft.ivText = try ivFile.map { try SecretFile.read($0, option: "iv-file") }
        draft.channel = channel
    }
}
