// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Provisioning
import Storage
import Terminal

/// What completing a provisioning makes, before it is made.
struct CompletionPlan {
    /// What happens to a part.
    enum Action: String, Encodable {
        /// It is made, or gets its first settings.
        case make
        /// It was made by this provisioning and gets other settings.
        case change
        /// It is there already, as it should be.
        case keep
    }

    struct Account {
        let id: String
        let area: ProvisioningAnswer.Area
        let action: Action
    }

    let answer: ProvisioningAnswer
    let written: WrittenRequest
    private(set) var accounts: [Account] = []
    /// The built-in data source as it will be, where visitor IDs were asked for.
    private(set) var visitor: (source: SharedDataSource, former: SharedDataSource, action: Action)?
    /// The data source of declared IDs, where they were asked for; a new one with its draft.
    private(set) var declared: (source: SharedDataSource, draft: SharedDataSourceDraft?, action: Action)?

    /// The hub's API, where the answer has one; another one that is set stays.
    private(set) var hub: (settings: HubSettings, action: Action)?

    /// Plans what to make.
    ///
    /// - Throws: ``Problem`` of kind `provisioning.conflict`, `provisioning.storage-absent` or `data-sources.refused`.
    init(
        _ answer: ProvisioningAnswer,
        _ written: WrittenRequest,
        _ arguments: CompletionArguments,
        _ campaign: Campaign
    ) throws {
        self.answer = answer
        self.written = written
        guard arguments.importAccount != arguments.exportAccount else {
            throw Problem(
                .wrongUsage,
                "--import-account and --export-account name two accounts.",
                field: "import-account"
            )
        }
        accounts = [
            try account(
                arguments.importAccount,
                Self.area(answer.outbound, arguments.importFolder, "import-folder"),
                campaign
            ),
            try account(
                arguments.exportAccount,
                Self.area(answer.inbound, arguments.exportFolder, "export-folder"),
                campaign
            ),
        ]
        if let api = answer.api {
            let wanted = try HubSettings(url: api.url, token: api.token)
            let known = try HubSettings.stored(campaign)
            let isOurs = known?.url == wanted.url || known?.url == written.completion?.api
            hub = (
                known.map { isOurs ? wanted : $0 } ?? wanted, known == nil ? .make : isOurs ? .change : .keep
            )
            if known == wanted { hub?.action = .keep }
        }
        if let source = answer.source(.visitor) { try planVisitor(source, arguments, campaign) }
        if let source = answer.source(.declared) { try planDeclared(source, arguments, campaign) }
    }

    // Accounts

    private static func area(_ area: ProvisioningAnswer.Area, _ folder: String?, _ option: String) throws
        -> ProvisioningAnswer.Area
    {
        guard case .folder(let path) = area.place else { return area }
        let here = folder.map { URL(fileURLWithPath: $0).standardizedFileURL.path } ?? path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: here, isDirectory: &isDirectory), isDirectory.boolValue
        else {
            throw Problem(.storageAbsent, "There is no folder \(here) on this machine.", field: option)
        }
        return ProvisioningAnswer.Area(.folder(path: here))
    }

    private func account(_ id: String, _ area: ProvisioningAnswer.Area, _ campaign: Campaign) throws
        -> Account
    {
        let known = try campaign.read { try ExternalAccountStore().all(in: $0) }.first { $0.id == id }
        guard let known, known.settings != .unconfigured else {
            return Account(id: id, area: area, action: .make)
        }
        if known.settings == area.settings, known.isEnabled,
            try known.secrets(campaign.sealer) == area.secrets
        {
            return Account(id: id, area: area, action: .keep)
        }
        guard written.completion?.madeAccounts.contains(id) == true else {
            throw Problem(
                .provisioningConflict,
                "The external account \(id) is set up for \(known.place ?? known.typeName) already.",
                advice:
                    "Name other accounts with --import-account ID and --export-account ID; they are made.",
                field: id == ExternalAccount.importID ? "import-account" : "export-account"
            )
        }
        return Account(id: id, area: area, action: .change)
    }

    // Data sources

    private mutating func planVisitor(
        _ source: ProvisioningAnswer.Source,
        _ arguments: CompletionArguments,
        _ campaign: Campaign
    ) throws {
        let former = try campaign.read {
            try SharedDataSourceStore(campaign).find(SharedDataSource.defaultID, in: $0)
        }
        let wanted = former.changing(
            number: source.number,
            integrationCode: source.integrationCode,
            destination: source.destination,
            importAccount: arguments.importAccount,
            exportAccount: arguments.exportAccount,
            termsAccepted: former.termsAccepted
                ?? (arguments.acceptsTerms ? campaign.world.milliseconds : nil)
        )
        if Self.isSame(former, wanted) {
            visitor = (wanted, former, former.termsAccepted == wanted.termsAccepted ? .keep : .change)
            return
        }
        let isUnused = former.destination == nil && former.termsAccepted == nil
        guard isUnused || written.completion?.former != nil else {
            throw Problem(
                .provisioningConflict,
                "The built-in data source of visitor IDs (\(former.id)) is set up already, with number \(former.number.map(String.init) ?? "none").",
                advice:
                    "Write a request for declared IDs alone (--ids declared), or set its number and destination yourself with `tallystick data-sources edit`."
            )
        }
        visitor = (wanted, former, isUnused ? .make : .change)
    }

    private mutating func planDeclared(
        _ source: ProvisioningAnswer.Source,
        _ arguments: CompletionArguments,
        _ campaign: Campaign
    ) throws {
        let id = SharedDataSource.ID(arguments.id)
        let known = try campaign.read { database in
            try SharedDataSourceStore(campaign).all(in: database).first { $0.id == id }
        }
        var draft = SharedDataSourceDraft(
            id: arguments.id,
            label: arguments.label ?? known?.label ?? source.name,
            number: source.number,
            integrationCode: source.integrationCode,
            destination: source.destination,
            comment: known?.comment ?? "Provisioned as \(answer.request)",
            importAccount: arguments.importAccount,
            exportAccount: arguments.exportAccount,
            acceptsTerms: arguments.acceptsTerms
        )
        try arguments.reconciliation.apply(to: &draft)
        guard let known else {
            declared = (try SharedDataSources(campaign).checked(draft), draft, .make)
            return
        }
        let accepted = known.changing(
            termsAccepted: known.termsAccepted ?? (arguments.acceptsTerms ? campaign.world.milliseconds : nil)
        )
        let wanted =
            arguments.reconciliation.isGiven
            ? try SharedDataSources(campaign).checked(draft)
            : accepted.changing(
                number: source.number,
                integrationCode: source.integrationCode,
                destination: source.destination,
                importAccount: arguments.importAccount,
                exportAccount: arguments.exportAccount
            )
        let isOurs = written.completion?.madeDeclared == true && written.completion?.declared == arguments.id
        guard isOurs || Self.isSame(known, wanted), known.keyField?.name == wanted.keyField?.name,
            known.rule == wanted.rule, known.channel == wanted.channel
        else {
            throw Problem(
                .provisioningConflict,
                "There is a shared data source \(id) already, which is defined otherwise.",
                advice: "Name another ID with --id.",
                field: "id"
            )
        }
        let changed = accepted.changing(
            number: source.number,
            integrationCode: source.integrationCode,
            destination: source.destination,
            importAccount: arguments.importAccount,
            exportAccount: arguments.exportAccount
        )
        let isKept = Self.isSame(known, changed) && known.termsAccepted == changed.termsAccepted
        declared = (changed, nil, isKept ? .keep : .change)
    }

    private static func isSame(_ one: SharedDataSource, _ other: SharedDataSource) -> Bool {
        one.number == other.number && one.integrationCode == other.integrationCode
            && one.destination == other.destination && one.importAccount == other.importAccount
            && one.exportAccount == other.exportAccount
    }
}
