// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Logging
import Problems
import Provisioning
import Storage

/// Completes a provisioning: opens the answer, sets up accounts and shared data sources, and undoes that again.
package struct Completion {
    private let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Says what completing would make, and makes nothing.
    ///
    /// - Parameters:
    ///   - text: The answer's text.
    ///   - arguments: What the person said.
    /// - Returns: What would be made.
    /// - Throws: ``Problem`` as ``complete(_:_:)`` does.
    package func preview(_ text: String, _ arguments: CompletionArguments) throws -> CompletionReport {
        let (written, answer) = try open(text)
        return CompletionReport(try CompletionPlan(answer, written, arguments, campaign), isPreview: true)
    }

    /// Sets up what the answer says; what is there already stays as it is.
    ///
    /// - Parameters:
    ///   - text: The answer's text.
    ///   - arguments: What the person said.
    /// - Returns: What was made.
    /// - Throws: ``Problem`` of a kind of provisioning, or of accounts and data sources.
    package func complete(_ text: String, _ arguments: CompletionArguments) async throws -> CompletionReport {
        let (written, answer) = try open(text)
        let plan = try CompletionPlan(answer, written, arguments, campaign)
        try store(plan, arguments)
        if plan.hub?.action != .keep { try plan.hub?.settings.save(campaign) }
        if let draft = plan.declared?.draft {
            _ = try await SharedDataSources(campaign).create(draft)
        } else if let declared = plan.declared, declared.action == .change {
            _ = try SharedDataSources(campaign).edit(declared.source.id) { $0 = declared.source }
        }
        campaign.logger.notice("provisioning completed", metadata: ["request": "\(answer.request)"])
        return CompletionReport(plan, isPreview: false)
    }

    // The answer

    private func open(_ text: String) throws -> (WrittenRequest, ProvisioningAnswer) {
        let sealed = try SealedAnswer(parsing: text)
        let (written, key) = try campaign.read { database in
            do {
                let written = try WrittenRequestStore().find(sealed.request, in: database)
                return (
                    written, try WrittenRequestStore().key(of: sealed.request, campaign.sealer, in: database)
                )
            } catch let problem as Problem where problem.kind == .provisioningUnknown {
                throw Problem(
                    .answerForeign,
                    "The answer is for \(sealed.request), which was not written here."
                )
            }
        }
        guard let key else {
            throw Problem(.answerForeign, "The answer is for \(sealed.request), which was withdrawn.")
        }
        let answer = try sealed.opened(with: key, for: written.request)
        try confirmFresh(answer, written)
        return (written, answer)
    }

    private func confirmFresh(_ answer: ProvisioningAnswer, _ written: WrittenRequest) throws {
        if written.code == answer.code {
            // The same answer again finds everything made; once it was undone, it is spent.
            guard written.state == .completed else {
                throw Problem(
                    .answerSpent,
                    "The answer to \(answer.request) was used before, and then undone."
                )
            }
            return
        }
        guard answer.issued >= written.issued ?? 0 else {
            throw Problem(.answerSpent, "A later answer to \(answer.request) was used before.")
        }
        guard campaign.world.milliseconds < answer.expires else {
            throw Problem(
                .answerExpired,
                "The answer to \(answer.request) expired on \(Moment.text(answer.expires))."
            )
        }
        guard answer.organizationID == written.request.organizationID else {
            throw Problem(.answerForeign, "The answer is of another organization than the request.")
        }
    }

    // What is made

    private func store(_ plan: CompletionPlan, _ arguments: CompletionArguments) throws {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        try campaign.write { database in
            for account in plan.accounts where account.action != .keep {
                try save(account, in: database)
            }
            if let visitor = plan.visitor, visitor.action != .keep {
                try SharedDataSourceStore(campaign).update(visitor.source, in: database)
            }
            var written = plan.written
            let earlier = written.completion
            written.state = .completed
            written.code = plan.answer.code
            written.issued = plan.answer.issued
            written.completion = WrittenRequest.Completion(
                importAccount: arguments.importAccount,
                exportAccount: arguments.exportAccount,
                madeAccounts: plan.accounts.filter { account in
                    account.action != .keep || earlier?.madeAccounts.contains(account.id) == true
                }
                .map(\.id),
                declared: plan.declared?.source.id.rawValue,
                madeDeclared: plan.declared?.draft != nil || earlier?.madeDeclared == true,
                former: earlier?.former ?? plan.visitor.flatMap { Self.former($0.former, $0.action) },
                test: plan.answer.test,
                api: plan.hub?.action == .keep ? earlier?.api : plan.hub?.settings.url
            )
            try WrittenRequestStore()
                .update(written, at: campaign.world.milliseconds, in: database)
        }
    }

    private static func former(_ source: SharedDataSource, _ action: CompletionPlan.Action)
        -> WrittenRequest.Completion.Former?
    {
        guard action != .keep else { return nil }
        return WrittenRequest.Completion.Former(
            number: source.number,
            integrationCode: source.integrationCode,
            destination: source.destination,
            importAccount: source.importAccount,
            exportAccount: source.exportAccount,
            termsAccepted: source.termsAccepted
        )
    }

    private func save(_ account: CompletionPlan.Account, in database: Database) throws {
        let known = try ExternalAccountStore().all(in: database).first { $0.id == account.id }
        let hasSecrets = account.area.secrets != AccountSecrets()
        var rules = AccountRules()
        // As `accounts create` does: servers are swept of what we wrote.
        if case .sftp = account.area.place { rules.retentionDays = 15 }
        try ExternalAccountStore().save(
            ExternalAccount(
                id: account.id,
                label: known?.label ?? account.id,
                settings: account.area.settings,
                rules: rules,
                sealedSecrets: hasSecrets
                    ? try account.area.secrets.sealed(for: account.id, campaign.sealer) : nil
            ),
            isReplacing: true,
            in: database
        )
    }
}
