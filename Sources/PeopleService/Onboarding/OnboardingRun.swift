// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage

/// One onboarding: the files of a set are read once, then everything that they change is one transaction.
///
/// Nothing is visible before the end; a run that is killed begins anew.
package struct OnboardingRun {
    private let service: PeopleService
    private let directory: IDDirectory
    private let name: InboundFileName
    private let isReplacing: Bool

    /// Prepares to onboard; the caller holds the lock for changes.
    ///
    /// - Parameters:
    ///   - name: What the name of the set says.
    ///   - directory: The index of IDs.
    ///   - service: The installation.
    ///   - isReplacing: Whether users of an overwrite file lose what it does not say of them.
    package init(
        _ name: InboundFileName,
        _ directory: IDDirectory,
        _ service: PeopleService,
        isReplacing: Bool = true
    ) {
        self.name = name
        self.isReplacing = isReplacing && name.kind == .overwrite
        self.directory = directory
        self.service = service
    }

    /// A file of the set, opened.
    package struct Source {
        let name: String
        let bytes: any ByteSource
        /// When it was complete in its account, by the account's clock, in seconds since 1970; `nil` where nobody knows.
        var modified: Double?
        /// Whether an earlier run read it: it counts only for users that the others name.
        var isRepeated = false
        /// Called when the file can't be read, before that is thrown as a problem.
        var noteFault: (AudienceFileError) -> Void = { _ in }

        /// Whether the contents have to be gzip; `nil` where they may be either.
        var isNamedGzip: Bool? { name.hasSuffix(".gz") ? true : nil }

        /// A file whose bytes are still to be read.
        package init(name: String, bytes: any ByteSource, modified: Double? = nil) {
            self.name = name
            self.bytes = bytes
            self.modified = modified
        }
    }

    /// Reads all files and keeps what they say.
    ///
    /// - Parameters:
    ///   - sources: The files, by part.
    ///   - receipt: The receipt of the run, begun; on return completed.
    ///   - confirm: Called when all was read, before anything is kept: throws if the files changed meanwhile.
    ///   - note: Called in the transaction that keeps everything, to note that the files are done.
    /// - Throws: ``Problem``, `AudienceFileError`, or what the database answers; nothing was kept then.
    package func run(
        _ sources: [Source],
        _ receipt: inout Receipt,
        confirm: () throws -> Void = {},
        note: (Receipt, Database) throws -> Void = { _, _ in }
    ) throws {
        let clock = ContinuousClock()
        var last = clock.now
        func stage(_ name: String) -> Receipt.Stage {
            defer { last = clock.now }
            return Receipt.Stage(stage: name, seconds: (clock.now - last) / .seconds(1))
        }
        let start = last
        let (source, traits, count, optedOut) = try service.read(surroundings)
        receipt.dataSource = name.dataSource
        receipt.traitDataSource = owner
        let rejects = try RejectedLines(
            of: receipt.id,
            files: sources.map(\.name),
            in: service.directory
        )
        let accountant = OnboardingAccountant(
            source,
            traits,
            idCount: count,
            optedOut: optedOut,
            listsUsers: isReplacing,
            rejects: rejects
        )
        receipt.files = try read(sources, source, TraitTable(traits, owner: owner), accountant)
        try confirm()
        var changes = accountant.finish()
        receipt.stages.append(stage("read and match"))
        if isReplacing { replace(accountant.listedIDs, traits, &changes) }
        receipt.rejectedFile = try rejects.finish()
        receipt.onboarding = accountant.tally
        if !accountant.abandonedTraits.isEmpty {
            receipt.notes = (receipt.notes ?? []) + [Self.note(abandoned: accountant.abandonedTraits)]
        }
        receipt.reasons = OnboardingReason.allCases.compactMap { reason in
            let lines = accountant.reasons[Int(reason.rawValue)]
            guard reason != .none, lines > 0 else { return nil }
            return Receipt.Reason(state: reason.state.rawValue, reason: reason.code, lines: lines)
        }
        let rejected = accountant.tally.counts.rejects + accountant.tally.noTraitRealized
        receipt.state = rejected > 0 ? .completedWithRejects : .completed
        var completed = receipt
        let newIDs = accountant.newIDs
        try service.write { database in
            try newIDs.store(in: database)
            try ActivityStore().note(accountant.storedIDs, on: service.today, in: database)
            try keep(changes, &completed, in: database, stage)
            completed.ended = service.world.milliseconds
            completed.usableAfter = Self.usableAfter(sources, completed.ended)
            completed.seconds += (clock.now - start) / .seconds(1)
            try ReceiptStore().save(completed, in: database)
            try note(completed, database)
        }
        receipt = completed
        try newIDs.add(to: directory)
    }

    /// What a receipt says of regular expressions that reached their limits.
    private static func note(abandoned traits: Set<SID>) -> String {
        let names = traits.sorted().prefix(10).map(String.init).joined(separator: ", ")
        let more = traits.count > 10 ? ", …" : ""
        return "regular expressions reached their limits and did not hold for some values; write simpler "
            + "ones for \(traits.count == 1 ? "trait" : "traits") \(names)\(more)"
    }

    /// The seconds from the moment when the last file was complete to another moment, in milliseconds since 1970.
    static func usableAfter(_ sources: [Source], _ milliseconds: Int64) -> Double? {
        sources.compactMap(\.modified).max().map { max(0, Double(milliseconds) / 1000 - $0) }
    }

    /// The data source that owns the traits: the second number of the name, or else the first.
    private var owner: DataSourceNumber { name.traitDataSource ?? name.dataSource }

    private func surroundings(
        in database: Database
    ) throws -> (source: DataSource, traits: [Trait], count: Int, optedOut: MemberSet) {
        let source = try DataSourceStore().find(name.dataSource, in: database)
        _ = try DataSourceStore().find(owner, in: database)
        guard !source.isGlobal || name.traitDataSource != nil else {
            throw Problem(
                .inboundFileRefused,
                "Data source \(source.number) is one of all the world, so the name has to say whose traits are meant.",
                advice: "Name the file ftp_dpm_\(source.number)_<data source of the traits>_<time>.sync."
            )
        }
        return (
            source,
            try TraitStore().all(in: database),
            try IDStore().count(in: database),
            try IDStore().members(of: .optedOut, in: database)
        )
    }

    private func read(
        _ sources: [Source],
        _ source: DataSource,
        _ traits: TraitTable,
        _ accountant: OnboardingAccountant
    ) throws -> [Receipt.File] {
        let task = OnboardingWorker.Task(
            idSpelling: source.idSpelling,
            keys: try directory.keys(of: source.namespace),
            index: directory.index,
            traits: traits,
            hasIDTypeColumn: name.isPartnerVariant,
            isOverwrite: name.kind == .overwrite
        )
        return try sources.map { file in
            let before = accountant.tally.received
            do {
                accountant.beginFile(isRepeated: file.isRepeated)
                let digest = try OnboardingPipeline(file, task).run(into: accountant)
                return Receipt.File(
                    name: file.name,
                    bytes: digest.byteCount,
                    sha256: digest.sha256,
                    lines: accountant.tally.received - before
                )
            } catch let error as AudienceFileError {
                file.noteFault(error)
                throw InboundFault.problem(error, file.name, line: accountant.tally.received - before)
            }
        }
    }

    /// An overwrite file replaces all traits of its data source for the users that it lists; others, whom only files
    /// name that were read before, stay as they are.
    private func replace(
        _ users: MemberSet,
        _ traits: [Trait],
        _ changes: inout [(trait: Trait, change: RealizationStore.Change)]
    ) {
        var byTrait = Dictionary(uniqueKeysWithValues: changes.map { ($0.trait.sid, $0.change) })
        changes = traits.compactMap { trait in
            var change = byTrait.removeValue(forKey: trait.sid) ?? RealizationStore.Change()
            change.realized.keep(users)
            if trait.dataSource == owner { change.removed = change.removed.union(users) }
            return change.realized.isEmpty && change.removed.isEmpty ? nil : (trait, change)
        }
    }

    private func keep(
        _ changes: [(trait: Trait, change: RealizationStore.Change)],
        _ receipt: inout Receipt,
        in database: Database,
        _ stage: (String) -> Receipt.Stage
    ) throws {
        let today = Day(milliseconds: service.world.milliseconds)
        var touched: [MemberSet] = []
        var changedTraits: Set<SID> = []
        for (trait, change) in changes {
            var changed = try RealizationStore().apply(change, to: trait, on: today, in: database)
            // A folder trait may be asked for the day, which moves even where nobody new has the trait.
            if trait.isOnboarded, try !FolderTraits(in: database).over(trait.sid).isEmpty {
                changed = changed.union(change.realized.members)
            }
            guard !changed.isEmpty else { continue }
            touched.append(changed)
            changedTraits.insert(trait.sid)
        }
        receipt.stages.append(stage("keep traits"))
        let scope = SegmentEvaluation.Scope(touched: MemberSet.union(of: touched), traits: changedTraits)
        receipt.segments = try SegmentEvaluation(in: database, at: service.world.milliseconds).update(scope)
        receipt.stages.append(stage("evaluate segments"))
    }
}

extension ProblemKind {
    package static let inboundFileRefused = ProblemKind(
        "people.file-refused",
        status: 422,
        meaning: "An inbound or ID-sync file can't be used as it is.",
        advice: "Ask the partner for the file as the message says."
    )
}
