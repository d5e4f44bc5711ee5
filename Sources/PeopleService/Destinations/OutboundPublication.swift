// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Transfer

/// The way of a destination's files from the spool to its account.
///
/// Publishing can be done again with the same effect. Which files may have arrived is noted before each one leaves.
struct OutboundPublication {
    private let service: PeopleService
    private let destination: Destination
    private let turns: ChangeTurns
    private let pause: Duration

    init(_ destination: Destination, _ service: PeopleService, _ turns: ChangeTurns, pause: Duration) {
        self.destination = destination
        self.service = service
        self.turns = turns
        self.pause = pause
    }

    /// Publishes the files of a plan, and notes what the destination has from now on.
    ///
    /// - Parameter plan: The files.
    /// - Returns: The receipt; one that waits if the account can't be used now.
    /// - Throws: `CancellationError`, or what the database answers.
    func publish(_ plan: OutboundPlan) async throws -> Receipt {
        let start = ContinuousClock.now
        var receipt = try await receipt(of: plan)
        var attempts = Attempts(pause: pause)
        do {
            let account = try service.read {
                try ExternalAccountStore().find(destination.account, in: $0)
            }
            // Where no line could be written there is nothing to send, and the receipt says why.
            if !plan.files.isEmpty {
                try await send(plan, by: try service.transport(to: account), &attempts)
            }
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            return try await queue(receipt, error.problem(of: destination.account), attempts.count)
        } catch {
            guard let problem = OutboundFault(service).problem(error, destination) else { throw error }
            return try await queue(receipt, problem, attempts.count)
        }
        receipt.state = receipt.counts.rejects > 0 ? .completedWithRejects : .completed
        receipt.failure = nil
        receipt.attempts = max(1, attempts.count)
        receipt.ended = service.world.milliseconds
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        receipt.stages.append(Receipt.Stage(stage: "publish", seconds: seconds))
        receipt.seconds = receipt.stages.reduce(0) { $0 + $1.seconds }
        let completed = receipt
        try await turns.take { try complete(plan, completed) }
        service.logger.notice("destination told", metadata: ["receipt": "\(receipt.id)"])
        return receipt
    }

    /// The receipt of a plan, which names the account that is tried now.
    private func receipt(of plan: OutboundPlan) async throws -> Receipt {
        let account = destination.account
        let known = try service.read { try ReceiptStore().find("P\(plan.receipt)", in: $0) }
        guard known.account != account else { return known }
        return try await turns.take {
            try service.write { database in
                var receipt = try ReceiptStore().find(known.id, in: database)
                receipt.account = account
                try ReceiptStore().save(receipt, in: database)
                return receipt
            }
        }
    }

    private func send(
        _ plan: OutboundPlan,
        by transport: any Transport,
        _ attempts: inout Attempts
    ) async throws {
        let folder = OutboundSpool(service, plan.receipt).path
        for (place, file) in plan.files.enumerated() {
            let path = try RemotePath(file.name)
            guard let sha256 = TextEncoding.decode(file.sha256, expectedByteCount: 32) else {
                throw TransferError.checksumDiffers(path)
            }
            try await transport.confirmRoom(for: file.byteCount)
            try note(max(plan.begun, place + 1), of: plan)
            do throws(TransferError) {
                _ = try await attempts.run(over: transport) { (transport) throws(TransferError) in
                    try await transport.publish(
                        .file("\(folder)/\(file.spoolFile)"),
                        as: path,
                        expecting: Fingerprint(byteCount: file.byteCount, sha256: sha256)
                    )
                }
            } catch {
                if error.leavesNothing { try note(max(plan.begun, place), of: plan) }
                throw error
            }
        }
    }

    private func note(_ begun: Int, of plan: OutboundPlan) throws {
        try service.write { try OutboundPlanStore().setBegun(begun, of: plan, in: $0) }
    }

    /// Deletes files that surely are ours and were taken back since, each from the account that got it; what fails is
    /// tried again.
    func removeWithdrawn() async throws {
        let files = try service.read { try DestinationStore().withdrawnFiles(of: destination, in: $0) }
        for (account, names) in files.sorted(by: { $0.key < $1.key }) {
            try await remove(names, from: account)
        }
    }

    private func remove(_ names: [String], from id: String) async throws {
        let account = try service.read { try? ExternalAccountStore().find(id, in: $0) }
        guard let account, let transport = try? service.transport(to: account) else { return }
        for name in names {
            do {
                try await transport.delete(RemotePath(name))
            } catch {
                if error == .cancelled { throw CancellationError() }
                return
            }
            try service.write {
                try DestinationStore().forgetWithdrawn(name, in: id, of: destination, in: $0)
            }
        }
    }

    /// Keeps a run whose account can't be used now: the next pass publishes the same files.
    private func queue(_ receipt: Receipt, _ problem: Problem, _ attempts: Int) async throws -> Receipt {
        var receipt = receipt
        receipt.state = .waiting
        receipt.failure = Receipt.Failure(problem)
        receipt.attempts = max(1, attempts)
        let queued = receipt
        return try await turns.take {
            try service.write { database in
                // A destination that was deleted meanwhile has taken its files with it.
                guard try OutboundPlanStore().plan(of: destination.number, in: database) != nil else {
                    return try ReceiptStore().find(queued.id, in: database)
                }
                try ReceiptStore().save(queued, in: database)
                return queued
            }
        }
    }

    private func complete(_ plan: OutboundPlan, _ receipt: Receipt) throws {
        try service.write { database in
            let time = service.world.milliseconds
            for (segment, change) in try OutboundPlanStore().changes(of: plan, in: database) {
                try DestinationStore()
                    .noteSent(change, segment, to: destination.number, at: time, in: database)
            }
            try ReceiptStore().save(receipt, in: database)
            for (segment, alias) in try OutboundPlanStore().aliases(of: plan, in: database) {
                try DestinationStore().setSentAlias(alias, segment, to: destination.number, in: database)
            }
            try DestinationStore().endDoubt(of: destination.number, in: database)
            try OutboundPlanStore().delete(plan, in: database)
            try DestinationStore().dropEnded(on: service.today, in: database)
            for file in plan.files {
                try PublishedFiles(service).note(file.name, in: destination.account, database)
            }
        }
        try? FileManager.default.removeItem(atPath: OutboundSpool(service, plan.receipt).path)
    }
}

extension TransferError {
    /// Whether the storage surely shows nothing of what was being published: no answer of it was lost.
    fileprivate var leavesNothing: Bool {
        if case .unreachable = self { return true }
        return !isTransient
    }
}
