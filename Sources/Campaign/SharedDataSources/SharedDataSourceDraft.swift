// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage

/// What a person says of a new shared data source, before it is checked.
package struct SharedDataSourceDraft {
    package var id: String
    package var label: String?
    package var number: Int
    package var integrationCode: String?
    package var destination: Int?
    package var isVisitor: Bool
    package var key: String?
    package var normalize: String?
    package var hash: String?
    package var cipher: String?
    package var keyText: String?
    package var ivText: String?
    package var channel: String?
    package var priority = 0
    package var comment = ""
    package var importAccount = "importSharedAudience"
    package var exportAccount = "exportSharedAudience"
    package var acceptsTerms = false

    package init(
        id: String,
        label: String? = nil,
        number: Int,
        integrationCode: String? = nil,
        destination: Int? = nil,
        isVisitor: Bool = false,
        key: String? = nil,
        normalize: String? = nil,
        hash: String? = nil,
        cipher: String? = nil,
        keyText: String? = nil,
        ivText: String? = nil,
        channel: String? = nil,
        priority: Int = 0,
        comment: String = "",
        importAccount: String = "importSharedAudience",
        exportAccount: String = "exportSharedAudience",
        acceptsTerms: Bool = false
    ) {
        self.id = id
        self.label = label
        self.number = number
        self.integrationCode = integrationCode
        self.destination = destination
        self.isVisitor = isVisitor
        self.key = key
        self.normalize = normalize
        self.hash = hash
        self.cipher = cipher
        self.keyText = keyText
        self.ivText = ivText
        self.channel = channel
        self.priority = priority
        self.comment = comment
        self.importAccount = importAccount
        self.exportAccount = exportAccount
        self.acceptsTerms = acceptsTerms
    }
}

extension SharedDataSourceDraft {
    /// An option whose value is none of those that it takes.
    struct WrongOption: Error {
        let name: String
        /// What it takes, in a sentence.
        let sentence: String
    }

    /// Makes sure that the options with a fixed list of values have one of them.
    ///
    /// - Parameters:
    ///   - normalize: The steps, joined by commas.
    ///   - hash: The digest.
    ///   - cipher: The cipher.
    ///   - channel: The channel.
    /// - Throws: ``WrongOption``, the first one.
    static func checkWords(normalize: String?, hash: String?, cipher: String?, channel: String?)
        throws(WrongOption)
    {
        guard (try? Normalization(parsing: normalize ?? "")) != nil else {
            throw WrongOption(
                name: "normalize",
                sentence: "--normalize takes trim, lower and e164, each once, joined by commas."
            )
        }
        guard hash.map({ algorithm($0) != nil }) ?? true else {
            let names = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongOption(name: "hash", sentence: "--hash takes \(names).")
        }
        guard cipher.map({ CipherAlgorithm(rawValue: $0.lowercased()) != nil }) ?? true else {
            let names = CipherAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongOption(name: "cipher", sentence: "--cipher takes \(names).")
        }
        guard channel.map({ SharedDataSource.Channel(rawValue: $0.lowercased()) != nil }) ?? true else {
            throw WrongOption(name: "channel", sentence: "--channel takes email, sms or other.")
        }
    }

    /// The digest of a name, which may be written `SHA-256` too.
    static func algorithm(_ name: String) -> DigestAlgorithm? {
        DigestAlgorithm(rawValue: name.lowercased().replacing("-", with: ""))
    }
}
