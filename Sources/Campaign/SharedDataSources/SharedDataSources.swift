// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Matching
import Problems
import Storage

/// Makes and edits shared data sources, with the rules that keep a definition sound.
package struct SharedDataSources {
    private let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Checks a draft, stores it and builds the index that reconciles its IDs.
    ///
    /// A draft of the built-in source that leaves its criteria alone edits the rest of it.
    ///
    /// - Parameter draft: What the person said.
    /// - Returns: The stored data source.
    /// - Throws: ``Problem`` that names the option to correct.
    package func create(_ draft: SharedDataSourceDraft) async throws -> SharedDataSource {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let store = SharedDataSourceStore(campaign)
        if draft.id == SharedDataSource.defaultID.rawValue {
            return try configureDefault(draft)
        }
        let source = try checked(draft)
        try campaign.write { database in
            for account in [source.importAccount, source.exportAccount] {
                _ = try ExternalAccountStore().find(account, in: database)
            }
            try store.insert(source, in: database)
            try ProfileIndexes(campaign).register(source.index, in: database)
        }
        try ProfileIndexes(campaign).buildMissing()
        return source
    }

    /// Checks a draft and stores nothing.
    ///
    /// - Parameter draft: What the person said, not of the built-in source.
    /// - Returns: The data source as it would be stored.
    /// - Throws: ``Problem`` that names the option to correct.
    func checked(_ draft: SharedDataSourceDraft) throws -> SharedDataSource {
        try check(draft, fields: campaign.read { try ProfileFieldStore.all(in: $0) })
    }

    /// Changes a data source.
    ///
    /// - Parameters:
    ///   - id: The data source.
    ///   - change: What to change; it throws to refuse.
    /// - Returns: The changed data source.
    /// - Throws: ``Problem`` of kind `data-sources.unknown`, `data-sources.refused` or `accounts.unknown`, what the
    ///   change throws, or what the database answers.
    package func edit(
        _ id: SharedDataSource.ID,
        _ change: (inout SharedDataSource) throws -> Void
    ) throws -> SharedDataSource {
        let store = SharedDataSourceStore(campaign)
        return try campaign.write { database in
            var source = try store.find(id, in: database)
            try change(&source)
            try checkNames(source.id.rawValue, source.integrationCode, source.number, source.destination)
            try checkTexts(source.label, source.comment)
            for account in [source.importAccount, source.exportAccount] {
                _ = try ExternalAccountStore().find(account, in: database)
            }
            try store.update(source, in: database)
            return source
        }
    }

    private func configureDefault(_ draft: SharedDataSourceDraft) throws -> SharedDataSource {
        let isUntouched =
            draft.isVisitor && draft.key == nil && draft.hash == nil && draft.cipher == nil
            && draft.normalize == nil && draft.channel.map { $0 == "other" } ?? true
        guard isUntouched else {
            throw Problem(.dataSourceBuiltIn, "The criteria of \(draft.id) can't be edited.")
        }
        return try edit(SharedDataSource.defaultID) { source in
            source = source.changing(
                label: draft.label,
                number: draft.number,
                integrationCode: draft.integrationCode,
                destination: draft.destination,
                priority: draft.priority,
                importAccount: draft.importAccount,
                exportAccount: draft.exportAccount,
                termsAccepted: draft.acceptsTerms ? campaign.world.milliseconds : nil
            )
        }
    }

    private func check(_ draft: SharedDataSourceDraft, fields: [ProfileField]) throws -> SharedDataSource {
        let integrationCode = draft.integrationCode ?? draft.id
        try checkNames(draft.id, integrationCode, draft.number, draft.destination)
        try checkTexts(draft.label ?? draft.id, draft.comment)
        let channel = try checkedChannel(draft)
        return SharedDataSource(
            id: SharedDataSource.ID(draft.id),
            label: draft.label ?? draft.id,
            number: draft.number,
            integrationCode: integrationCode,
            destination: draft.destination,
            mode: try checkedMode(draft, channel: channel, fields: fields),
            channel: channel,
            priority: draft.priority,
            comment: draft.comment,
            importAccount: draft.importAccount,
            exportAccount: draft.exportAccount,
            termsAccepted: draft.acceptsTerms ? campaign.world.milliseconds : nil,
            lastFile: nil,
            lastFull: nil
        )
    }

    private func checkNames(_ id: String, _ integrationCode: String, _ number: Int?, _ destination: Int?)
        throws
    {
        guard id.wholeMatch(of: /[A-Za-z][A-Za-z0-9_-]{0,63}/) != nil else {
            throw refusal("The ID is a letter and up to 63 letters, digits, _ or -.", "id")
        }
        guard integrationCode.wholeMatch(of: /[A-Za-z0-9_.-]{1,255}/) != nil else {
            throw refusal("The integration code is 1 to 255 letters, digits, _, . or -.", "integration-code")
        }
        guard number.map({ (0...Int(Int32.max)).contains($0) }) ?? true else {
            throw refusal("The data source's number is a whole number from 0 on.", "number")
        }
        guard destination.map({ $0 > 0 }) ?? true else {
            throw refusal("The destination is a whole number from 1 on.", "destination")
        }
    }

    private func checkTexts(_ label: String, _ comment: String) throws {
        for (text, option) in [(label, "label"), (comment, "comment")] where !text.isOneLine {
            throw refusal("--\(option) takes one line without control characters.", option)
        }
    }

    private func checkedChannel(_ draft: SharedDataSourceDraft) throws -> SharedDataSource.Channel {
        guard let name = draft.channel else { return .other }
        guard let channel = SharedDataSource.Channel(rawValue: name.lowercased()) else {
            throw refusal("The channel is email, sms or other.", "channel")
        }
        return channel
    }

    private func checkedMode(
        _ draft: SharedDataSourceDraft,
        channel: SharedDataSource.Channel,
        fields: [ProfileField]
    ) throws -> SharedDataSource.Mode {
        let declaredOptions = [
            ("key", draft.key), ("normalize", draft.normalize), ("hash", draft.hash),
            ("cipher", draft.cipher),
            ("key-file", draft.keyText), ("iv-file", draft.ivText),
        ]
        if draft.isVisitor {
            if let (option, _) = declaredOptions.first(where: { $0.1 != nil }) {
                throw refusal(
                    "--\(option) belongs to declared IDs; visitor IDs are compared as they are.",
                    option
                )
            }
            guard channel == .other else {
                throw refusal("Visitor IDs are no addresses, so their channel is other.", "channel")
            }
            return .visitor
        }
        guard let name = draft.key else {
            throw refusal("Declared IDs need --key: the profile field that an ID stands for.", "key")
        }
        guard let key = fields.first(where: { $0.name == name }) else {
            throw Problem(.fieldUnknown, "There is no profile field \(name).", field: "key")
        }
        guard key.typeName == "string" else {
            throw refusal(
                "The field \(name) is \(key.typeNameWithArticle); an ID can stand for a string only.",
                "key"
            )
        }
        try checkFit(channel, key)
        return .declared(key: key, try checkedRule(draft, channel: channel))
    }

    private func checkFit(_ channel: SharedDataSource.Channel, _ key: ProfileField) throws {
        switch (channel, key.kind) {
        case (.email, .email), (.sms, .mobilePhone), (.other, _):
            return
        case (.email, _):
            throw refusal(
                "Channel email needs the key email; a decrypted ID is compared with \(key.name).",
                "channel"
            )
        case (.sms, _):
            throw refusal(
                "Channel sms needs the key mobilePhone; a decrypted ID is compared with \(key.name).",
                "channel"
            )
        }
    }

    private func checkedRule(
        _ draft: SharedDataSourceDraft,
        channel: SharedDataSource.Channel
    ) throws -> IDRule {
        let normalization: Normalization
        do {
            normalization = try Normalization(parsing: draft.normalize ?? "")
        } catch {
            throw refusal("--normalize takes trim, lower and e164, each once, joined by commas.", "normalize")
        }
        guard draft.hash == nil || draft.cipher == nil else {
            throw refusal("An ID is hashed or encrypted, not both.", "cipher")
        }
        if let name = draft.hash {
            guard let algorithm = SharedDataSourceDraft.algorithm(name) else {
                throw refusal(
                    "--hash takes \(DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")).",
                    "hash"
                )
            }
            try refuseSecrets(draft)
            return IDRule(.digest(algorithm), normalization: normalization, addressForm: channel.addressForm)
        }
        if let name = draft.cipher {
            let key = try checkedKey(name, draft)
            return IDRule(.cipher(key), normalization: normalization, addressForm: channel.addressForm)
        }
        try refuseSecrets(draft)
        return IDRule(.plain, normalization: normalization, addressForm: channel.addressForm)
    }

    private func refuseSecrets(_ draft: SharedDataSourceDraft) throws {
        guard draft.keyText == nil, draft.ivText == nil else {
            throw refusal("--key-file and --iv-file belong to --cipher.", "key-file")
        }
    }

    private func checkedKey(_ name: String, _ draft: SharedDataSourceDraft) throws -> CipherKey {
        guard let algorithm = CipherAlgorithm(rawValue: name.lowercased()) else {
            let names = CipherAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw refusal("--cipher takes \(names).", "cipher")
        }
        guard let keyText = draft.keyText, let ivText = draft.ivText else {
            throw refusal(
                "--cipher needs --key-file and --iv-file.",
                draft.keyText == nil ? "key-file" : "iv-file"
            )
        }
        return try CipherKey.checked(algorithm, keyHex: keyText, ivHex: ivText)
    }

    private func refusal(_ summary: String, _ option: String) -> Problem {
        Problem(.dataSourceRefused, summary, field: option)
    }
}

extension SharedDataSource {
    /// The same data source with some of its particulars changed; `nil` leaves one as it is.
    func changing(
        label: String? = nil,
        number: Int? = nil,
        integrationCode: String? = nil,
        destination: Int? = nil,
        priority: Int? = nil,
        comment: String? = nil,
        importAccount: String? = nil,
        exportAccount: String? = nil,
        termsAccepted: Int64? = nil
    ) -> SharedDataSource {
        SharedDataSource(
            id: id,
            label: label ?? self.label,
            number: number ?? self.number,
            integrationCode: integrationCode ?? self.integrationCode,
            destination: destination.map { $0 == 0 ? nil : $0 } ?? self.destination,
            mode: mode,
            channel: channel,
            priority: priority ?? self.priority,
            comment: comment ?? self.comment,
            importAccount: importAccount ?? self.importAccount,
            exportAccount: exportAccount ?? self.exportAccount,
            termsAccepted: termsAccepted ?? self.termsAccepted,
            lastFile: lastFile,
            lastFull: lastFull
        )
    }
}
