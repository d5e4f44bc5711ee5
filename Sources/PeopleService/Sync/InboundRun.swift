// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Logging
import Problems
import Storage
import Transfer

/// One set of files that came in, from its first byte to its receipt; in a turn.
struct InboundRun {
    /// How the work on a set ended.
    enum Outcome {
        /// The work was done, or failed.
        case receipt(Receipt)
        /// Nothing was kept: the files may still be written, for this reason.
        case growing(String)
        /// There was nothing to do: earlier runs have read the same bytes, or another process has done the work meanwhile.
        case none
    }

    /// What became of a set.
    struct Result {
        /// Files whose bytes earlier runs have read under the same names; they were not read again.
        var recognised: [InboundRecognition.Known] = []
        /// How the work on the others ended.
        var outcome = Outcome.none
    }

    private let set: InboundSet
    private let account: ExternalAccount
    private let service: PeopleService
    private let copies: InboundCopies
    private let mayBeCut: Bool

    /// Prepares to work on a set.
    ///
    /// - Parameters:
    ///   - set: The files.
    ///   - account: The account that holds them.
    ///   - service: The installation.
    ///   - copies: The copies of files that are not local.
    ///   - mayBeCut: Whether files that look cut may still be written; otherwise they are taken as they are.
    init(
        _ set: InboundSet,
        _ account: ExternalAccount,
        _ service: PeopleService,
        _ copies: InboundCopies,
        mayBeCut: Bool
    ) {
        self.set = set
        self.account = account
        self.service = service
        self.copies = copies
        self.mayBeCut = mayBeCut
    }

    /// Does what the files say.
    ///
    /// - Parameters:
    ///   - fetching: Why the files could not be brought near, if they could not.
    ///   - fetchingSeconds: How long that took; `nil` for files that are read in place.
    ///   - attempts: How often transfers were tried.
    /// - Returns: The receipt, also of a run that failed, or why there is none.
    /// - Throws: What the database answers.
    func run(
        after fetching: TransferError? = nil,
        fetchingSeconds: Double? = nil,
        attempts: Int = 1
    ) async throws -> Result {
        guard try isDue() else { return Result() }
        var rest = set
        var result = Result()
        if fetching == nil, set.refusal == nil {
            var isIDSync = false
            if case .idSync = set.kind { isIDSync = true }
            result.recognised = try await InboundRecognition(
                service: service,
                readsRejectsAgain: isIDSync,
                open: open
            )
            .takeOut(of: &rest)
        }
        guard !rest.files.isEmpty else { return result }
        result.outcome = try await InboundRun(rest, account, service, copies, mayBeCut: mayBeCut)
            .readAll(after: fetching, fetchingSeconds: fetchingSeconds, attempts: attempts)
        return result
    }

    /// Reads all files, of which none is known.
    private func readAll(
        after fetching: TransferError?,
        fetchingSeconds: Double?,
        attempts: Int
    ) async throws -> Outcome {
        var receipt = try service.write { database in
            try ReceiptStore().begin(
                kind,
                account: account.id,
                at: service.world.milliseconds,
                in: database
            )
        }
        receipt.attempts = attempts
        receipt.dataSource = set.dataSources.first
        if case .inbound = set.kind { receipt.traitDataSource = set.dataSources.last }
        receipt.notes = set.notes.isEmpty ? nil : set.notes
        if let fetchingSeconds {
            receipt.stages.append(Receipt.Stage(stage: "fetch", seconds: fetchingSeconds))
            receipt.seconds = fetchingSeconds
        }
        var opened: [OpenedFile] = []
        let fault = FaultyFile()
        do {
            if let fetching { throw fetching }
            if let refusal = set.refusal { throw refusal.problem(set.name) }
            for file in set.filesToRead { opened.append(try await open(file)) }
            if mayBeCut, let place = opened.firstIndex(where: { $0.looksCut() }) {
                throw Growing(file: set.filesToRead[place].remote.path.spelling)
            }
            try process(opened, &receipt, fault)
            for file in opened { try await file.finish() }
            opened = []
        } catch {
            for file in opened { await file.close() }
            if receipt.state == .running || receipt.state == .failed {
                guard let growing = growing(error, fault) else {
                    return .receipt(try fail(receipt, error, fault))
                }
                return .growing(try wait(receipt, growing))
            }
            // Everything is kept already: a file that changed since it was read is another version of it.
            service.logger.warning("a file changed after it was read", metadata: ["receipt": "\(receipt.id)"])
        }
        service.logger.notice("files onboarded", metadata: ["receipt": "\(receipt.id)"])
        return .receipt(receipt)
    }

    /// A file looks as if its end were still to come.
    private struct Growing: Error {
        let file: String

        var reason: String { "\(file) ends in the middle, so it may still be written" }
    }

    /// Remembers which file could not be read.
    private final class FaultyFile {
        var name: String?
        /// Whether it broke off in the middle of its gzip data.
        var isCut = false
    }

    /// Why the files may still be written, if what went wrong tells.
    private func growing(_ error: any Error, _ fault: FaultyFile) -> String? {
        switch error {
        case let error as Growing: error.reason
        case TransferError.changedWhileReading(let path): "\(path.spelling) changed while it was read"
        default: mayBeCut && fault.isCut ? fault.name.map { Growing(file: $0).reason } : nil
        }
    }

    /// Forgets a run that changed nothing, since the files may still be written.
    private func wait(_ receipt: Receipt, _ reason: String) throws -> String {
        removeRejected(receipt)
        try service.write { database in
            try ReceiptStore().forget(receipt, in: database)
            let ledger = Ledger(at: service.world.milliseconds)
            for file in set.files {
                // Without a receipt: that is how those wait that were refused until a data source is there.
                try ledger.letGo(file.entry.id, reason: reason, in: database)
                try ledger.move(file.entry.id, to: .waiting, reason: reason, in: database)
            }
        }
        return reason
    }

    private func removeRejected(_ receipt: Receipt) {
        guard let kept = receipt.rejectedFile else { return }
        unlink("\(service.directory.rejected)/\(kept)")
    }

    private var kind: Receipt.Kind {
        switch set.kind {
        case .inbound: .onboarding
        case .idSync: .idSync
        }
    }

    private func isDue() throws -> Bool {
        try service.read { database in
            for file in set.files {
                let state = try String.fetchOne(
                    database,
                    sql: "SELECT state FROM ledger_files WHERE id = ?",
                    arguments: [file.entry.id]
                )
                guard state != "loaded", state != "rejected" else { return false }
            }
            return true
        }
    }

    private func open(_ file: InboundSet.File) async throws -> OpenedFile {
        if account.typeName == "folder" {
            return OpenedFile(reader: try await service.transport(to: account).read(file.remote.path))
        }
        return OpenedFile(spoolFile: copies.path(of: file.remote, in: account.id))
    }

    private func process(_ opened: [OpenedFile], _ receipt: inout Receipt, _ fault: FaultyFile) throws {
        let sources = try zip(set.filesToRead, opened).map { file, opened in
            let name = file.remote.path.spelling
            var source = OnboardingRun.Source(
                name: name,
                bytes: try opened.source(),
                modified: Double(file.remote.modifiedNanoseconds) / 1e9
            )
            source.isRepeated = file.isRead
            source.noteFault = { error in
                fault.name = name
                if case .truncatedGzip = error { fault.isCut = true }
            }
            return source
        }
        let directory = try IDDirectory(service)
        let confirm = {
            for (file, opened) in zip(set.filesToRead, opened) { try opened.confirmVersion(file.remote) }
        }
        switch set.kind {
        case .inbound(let name):
            try OnboardingRun(name, directory, service, isReplacing: set.isReplacing)
                .run(sources, &receipt, confirm: confirm, note: { try note($0, in: $1) })
        case .idSync(let name):
            try IDSyncRun(name, directory, service)
                .run(sources, &receipt, confirm: confirm, note: { try note($0, in: $1) })
        }
    }

    private func note(_ receipt: Receipt, in database: Database) throws {
        let ledger = Ledger(at: service.world.milliseconds)
        for (file, stated) in zip(set.filesToRead, receipt.files) where !file.isRead {
            try ledger.move(
                file.entry.id,
                to: .loaded,
                receipt: receipt.id,
                sha256: stated.sha256,
                in: database
            )
        }
    }

    /// Keeps the receipt of a run that failed; the file that is at fault itself is not read again, or else all of them.
    private func fail(_ receipt: Receipt, _ error: any Error, _ fault: FaultyFile) throws -> Receipt {
        var receipt = receipt
        let (problem, state) = try explain(error)
        receipt.state = .failed
        // They tell what becomes of the lines, and nothing did.
        receipt.notes = nil
        receipt.failure = Receipt.Failure(problem)
        receipt.ended = service.world.milliseconds
        if receipt.files.isEmpty {
            receipt.files = set.files.map {
                Receipt.File(name: $0.remote.path.spelling, bytes: $0.remote.byteCount)
            }
        }
        removeRejected(receipt)
        receipt.rejectedFile = nil
        let failed = receipt
        try service.write { database in
            try ReceiptStore().save(failed, in: database)
            let ledger = Ledger(at: service.world.milliseconds)
            let isOne = set.files.contains { $0.remote.path.spelling == fault.name }
            for file in set.files {
                let isFaulty = !isOne || file.remote.path.spelling == fault.name
                try ledger.move(
                    file.entry.id,
                    to: state == .rejected && !isFaulty ? .discovered : state,
                    reason: problem.summary,
                    receipt: failed.id,
                    in: database
                )
            }
        }
        return receipt
    }

    /// What went wrong, and what becomes of the files: refused ones are not read again, others wait for a data source.
    private func explain(_ error: any Error) throws -> (problem: Problem, state: Ledger.State) {
        switch error {
        case let problem as Problem:
            switch problem.kind {
            case .inboundFileRefused: return (problem, .rejected)
            case .peopleDataSourceUnknown: return (problem, .waiting)
            default: return (problem, .discovered)
            }
        case let error as TransferError:
            if error == .cancelled { throw CancellationError() }
            return (error.problem(of: account.id), .discovered)
        default:
            throw error
        }
    }
}
