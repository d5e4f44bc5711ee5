// SPDX-License-Identifier: Apache-2.0

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
