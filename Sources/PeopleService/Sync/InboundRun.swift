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
    private let set: InboundSet
    private let account: ExternalAccount
    private let service: PeopleService
    private let copies: InboundCopies

    init(
        _ set: InboundSet,
        _ account: ExternalAccount,
        _ service: PeopleService,
        _ copies: InboundCopies
    ) {
        self.set = set
        self.account = account
        self.service = service
        self.copies = copies
    }

    /// Does what the files say.
    ///
    /// - Parameters:
    ///   - fetching: Why the files could not be brought near, if they could not.
    ///   - fetchingSeconds: How long that took; `nil` for files that are read in place.
    ///   - attempts: How often transfers were tried.
    /// - Returns: The receipt, also of a run that failed; none if another process has done the work meanwhile.
    /// - Throws: What the database answers.
    func run(
        after fetching: TransferError? = nil,
        fetchingSeconds: Double? = nil,
        attempts: Int = 1
    ) async throws -> Receipt? {
        guard try isDue() else { return nil }
        var receipt = try service.write { database in
            try ReceiptStore().begin(
                kind,
                account: account.id,
                at: service.world.milliseconds,
                in: database
            )
        }
        receipt.attempts = attempts
        if let fetchingSeconds {
            receipt.stages.append(Receipt.Stage(stage: "fetch", seconds: fetchingSeconds))
            receipt.seconds = fetchingSeconds
        }
        var opened: [OpenedFile] = []
        do {
            if let fetching { throw fetching }
            if let refusal = set.refusal { throw refusal.problem(set.name) }
            for file in set.files { opened.append(try await open(file)) }
            try process(opened, &receipt)
            for file in opened { try await file.finish() }
            opened = []
        } catch {
            for file in opened { await file.close() }
            if receipt.state == .running || receipt.state == .failed {
                return try fail(receipt, error)
            }
            // Everything is kept already: a file that changed since it was read is another version of it.
            service.logger.warning("a file changed after it was read", metadata: ["receipt": "\(receipt.id)"])
        }
        service.logger.notice("files onboarded", metadata: ["receipt": "\(receipt.id)"])
        return receipt
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

    private func process(_ opened: [OpenedFile], _ receipt: inout Receipt) throws {
        let sources = try zip(set.files, opened).map { file, opened in
            OnboardingRun.Source(
                name: file.remote.path.spelling,
                bytes: try opened.source(),
                modified: Double(file.remote.modifiedNanoseconds) / 1e9
            )
        }
        let directory = try IDDirectory(service)
        let confirm = {
            for (file, opened) in zip(set.files, opened) { try opened.confirmVersion(file.remote) }
        }
        switch set.kind {
        case .inbound(let name):
            try OnboardingRun(name, directory, service)
                .run(sources, &receipt, confirm: confirm, note: { try note($0, in: $1) })
        case .idSync(let name):
            try IDSyncRun(name, directory, service)
                .run(sources, &receipt, confirm: confirm, note: { try note($0, in: $1) })
        }
    }

    private func note(_ receipt: Receipt, in database: Database) throws {
        let ledger = Ledger(at: service.world.milliseconds)
        for (file, stated) in zip(set.files, receipt.files) {
            try ledger.move(
                file.entry.id,
                to: .loaded,
                receipt: receipt.id,
                sha256: stated.sha256,
                in: database
            )
        }
    }

    /// Keeps the receipt of a run that failed; files that are at fault themselves are not read again.
    private func fail(_ receipt: Receipt, _ error: any Error) throws -> Receipt {
        var receipt = receipt
        let (problem, isFinal) = try explain(error)
        receipt.state = .failed
        receipt.failure = Receipt.Failure(problem)
        receipt.ended = service.world.milliseconds
        if receipt.files.isEmpty {
            receipt.files = set.files.map {
                Receipt.File(name: $0.remote.path.spelling, bytes: $0.remote.byteCount)
            }
        }
        if let kept = receipt.rejectedFile {
            unlink("\(service.directory.rejected)/\(kept)")
            receipt.rejectedFile = nil
        }
        let failed = receipt
        try service.write { database in
            try ReceiptStore().save(failed, in: database)
            let ledger = Ledger(at: service.world.milliseconds)
            for file in set.files {
                try ledger.move(
                    file.entry.id,
                    to: isFinal ? .rejected : .discovered,
                    reason: problem.summary,
                    receipt: failed.id,
                    in: database
                )
            }
        }
        return receipt
    }

    private func explain(_ error: any Error) throws -> (problem: Problem, isFinal: Bool) {
        switch error {
        case let problem as Problem:
            let isFinal = problem.kind == .inboundFileRefused
            return (problem, isFinal)
        case let error as TransferError:
            if error == .cancelled { throw CancellationError() }
            return (error.problem(of: account.id), false)
        default:
            throw error
        }
    }
}
