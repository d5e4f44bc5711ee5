// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Problems
import Storage

/// What is shared with the hub: begins and ends it, and does what is due.
///
/// Takes turns with other work on the data directory, and one export to an account at a time.
package struct Shares {
    /// How a person names a segment.
    package enum Target: Sendable {
        /// By its number at the hub.
        case number(Int64)
        /// By the name of a segment that is made here.
        case name(String)
        /// By a name that the hub has not heard yet: it will give the number. Only a preview can take it.
        case newAtHub(String)
    }

    /// In place of a number that the hub has not given yet.
    private static let unnumbered: Int64 = 0

    private let campaign: Campaign
    private let turns: ChangeTurns

    package init(_ campaign: Campaign) {
        self.init(campaign, ChangeTurns(campaign.directory))
    }

    init(_ campaign: Campaign, _ turns: ChangeTurns) {
        self.campaign = campaign
        self.turns = turns
    }

    /// Waits for other exports to an account to end, and holds off later ones until released.
    static func lock(_ account: ExternalAccount, _ campaign: Campaign) throws -> DirectoryLock {
        try DirectoryLock(campaign.directory, .exports(to: account.id), patience: .seconds(600))
    }

    /// Shares an audience, and keeps that it is shared; work that was interrupted is finished or begun anew before.
    ///
    /// - Parameters:
    ///   - audience: The audience's ID or label.
    ///   - target: The segment.
    ///   - source: The shared data source.
    ///   - isReplacing: Whether IDs of those who left are removed.
    ///   - options: How files are written.
    /// - Returns: The receipt, and the segment as people see it.
    /// - Throws: ``Problem`` when it can't be shared at all, or an interrupted export can't be finished.
    package func share(
        _ audience: String,
        into target: Target,
        _ source: SharedDataSource.ID,
        isReplacing: Bool,
        options: ShareOptions = ShareOptions()
    ) async throws -> (receipt: Receipt, segment: String) {
        let account = try campaign.read { database in
            let source = try SharedDataSourceStore(campaign).find(source, in: database)
            return try ExternalAccountStore().find(source.exportAccount, in: database)
        }
        try account.requireWriting()
        try await turns.take {
            try forgetInterrupted()
            try ShareRecovery(campaign, turns).removeLeftovers()
        }
        for receipt in try await ShareRecovery(campaign, turns).finishInterrupted(to: account) {
            if let failure = receipt.failure { throw failure.problem }
        }
        let lock = try Self.lock(account, campaign)
        defer { withExtendedLifetime(lock) {} }
        let (share, title) = try campaign.write { database in
            let audience = try check(audience, source, in: database)
            let segment = try number(of: target, isMaking: true, in: database)
            return (
                try ShareStore().save(
                    audience,
                    segment: segment,
                    source,
                    isReplacing: isReplacing,
                    options,
                    in: database
                ),
                try SegmentStore().title(segment, in: database)
            )
        }
        return (try await ShareRun(campaign, share, options, turns).run(), title)
    }

    /// Finds out what sharing an audience would change, and changes nothing.
    ///
    /// - Parameters:
    ///   - audience: The audience's ID or label.
    ///   - target: The segment.
    ///   - source: The shared data source.
    ///   - isReplacing: Whether IDs of those who left would be removed.
    ///   - options: How files would be written.
    /// - Returns: The numbers.
    /// - Throws: ``Problem`` when it can't be shared at all.
    package func preview(
        _ audience: String,
        into target: Target,
        _ source: SharedDataSource.ID,
        isReplacing: Bool,
        options: ShareOptions = ShareOptions()
    ) throws -> SharePreview {
        let (share, isNew) = try campaign.read { database in
            let audience = try check(audience, source, in: database)
            let isNew =
                switch target {
                case .number: false
                case .name(let name): try !SegmentStore().isKnown(name, in: database)
                case .newAtHub: true
                }
            let share = Share(
                id: 0,
                audience: audience,
                segment: try number(of: target, isMaking: false, in: database),
                dataSource: source,
                isReplacing: isReplacing,
                isGzip: options.isGzip,
                splitByteCount: options.splitByteCount,
                sharedVersion: -1,
                sharedChange: -1
            )
            return (share, isNew)
        }
        let (change, unmapped) = try ShareRun(campaign, share, options).preview()
        let isGivenByHub = if case .newAtHub = target { true } else { false }
        return SharePreview(change, unmapped, segment: isGivenByHub ? nil : share.segment, isNew: isNew)
    }

    /// Ends a share; what the other side holds stays there.
    ///
    /// - Parameters:
    ///   - audience: The audience's ID or label.
    ///   - segment: The segment's number.
    ///   - source: The shared data source.
    /// - Throws: ``Problem`` of kind `exports.not-shared`.
    package func unshare(_ audience: String, segment: Int64, _ source: SharedDataSource.ID) throws {
        let wasShared = try campaign.write { database in
            let audience = try AudienceStore().find(audience, in: database).id
            return try ShareStore().remove(audience, segment: segment, source, in: database)
        }
        guard wasShared else {
            throw Problem(
                .notShared,
                "The audience \(audience) is not shared into the segment \(segment) through \(source)."
            )
        }
    }

    /// Shares again what is due; one that fails doesn't stop the others.
    ///
    /// Interrupted exports are finished before, by ``ShareRecovery``; one that could not be is not begun anew.
    ///
    /// - Parameter account: The account that files go to; nothing for all.
    /// - Returns: The receipts.
    /// - Throws: `CancellationError`, or what the database answers.
    package func shareDue(to account: ExternalAccount? = nil) async throws -> [Receipt] {
        var receipts: [Receipt] = []
        for (share, target) in try due() where account == nil || account?.id == target.id {
            try Task.checkCancellation()
            let lock = try Self.lock(target, campaign)
            defer { withExtendedLifetime(lock) {} }
            do {
                receipts.append(try await ShareRun(campaign, share, nil, turns).run())
            } catch let problem as Problem {
                receipts.append(try await turns.take { try refuse(share, problem) })
            }
        }
        return receipts
    }

    private func due() throws -> [(Share, ExternalAccount)] {
        try campaign.read { database in
            try ShareStore().due(in: database).map { share in
                let source = try SharedDataSourceStore(campaign).find(share.dataSource, in: database)
                return (share, try ExternalAccountStore().find(source.exportAccount, in: database))
            }
        }
    }

    /// Gives back the receipt IDs of runs that were interrupted, before one of them is given to this run.
    private func forgetInterrupted() throws {
        try campaign.write { database in
            try ReceiptStore().forgetInterrupted(in: database)
            try Ledger(at: campaign.world.milliseconds).resetInterrupted(in: database)
        }
    }

    /// A receipt for a share that could not even begin.
    private func refuse(_ share: Share, _ problem: Problem) throws -> Receipt {
        try campaign.write { database in
            var receipt = try ReceiptStore().begin(
                .export,
                share.dataSource,
                at: campaign.world.milliseconds,
                in: database
            )
            receipt.state = .failed
            receipt.failure = Receipt.Failure(problem)
            try ReceiptStore().finish(receipt, in: database)
            return receipt
        }
    }

    private func check(
        _ name: String,
        _ source: SharedDataSource.ID,
        in database: Database
    ) throws -> Audience.ID {
        let audience = try AudienceStore(campaign).find(name, in: database)
        try ShareRun.check(audience, SharedDataSourceStore(campaign).find(source, in: database))
        return audience.id
    }

    private func unnumbered(_ name: String, isMaking: Bool) throws -> Int64 {
        precondition(!isMaking, "the hub makes the segment before anything is shared into it")
        try SegmentStore().confirm(name: name)
        return Self.unnumbered
    }

    private func number(of target: Target, isMaking: Bool, in database: Database) throws -> Int64 {
        switch target {
        case .number(let number): number
        case .name(let name): try SegmentStore().number(named: name, isMaking: isMaking, in: database)
        case .newAtHub(let name):
            // Into a segment without a number nothing was shared.
            try unnumbered(name, isMaking: isMaking)
        }
    }
}

extension ProblemKind {
    package static let notShared = ProblemKind(
        "exports.not-shared",
        status: 404,
        meaning: "A command names a share that doesn't exist.",
        advice: "Run `tallystick audiences show A` to see where an audience is shared."
    )
}
