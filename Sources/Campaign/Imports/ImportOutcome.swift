// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Transfer

/// What is noted of sets that are not read.
struct ImportOutcome {
    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Notes that a set waits, with a receipt once its data source is known.
    func wait(_ set: ImportSet, _ source: SharedDataSource?, _ reason: String) throws {
        try campaign.write { database in
            let known = set.allFiles.compactMap(\.entry.receipt).first
            var id = known
            if let source {
                var receipt: Receipt
                if let known, let found = try? ReceiptStore().find(Receipt.ID(known), in: database),
                    found.state == .waiting
                {
                    receipt = found
                } else {
                    receipt = try ReceiptStore().begin(
                        .import,
                        source.id,
                        state: .waiting,
                        at: campaign.world.milliseconds,
                        in: database
                    )
                }
                id = receipt.id.rawValue
                receipt.files = set.ordered.map {
                    Receipt.File(
                        name: $0.remote.path.spelling,
                        bytes: Int64($0.remote.byteCount),
                        sha256: nil
                    )
                }
                receipt.failure = Receipt.Failure(Problem(.setIncomplete, reason))
                try ReceiptStore().finish(receipt, in: database)
            }
            try move(set, to: .waiting, reason: reason, receipt: id, in: database)
        }
    }

    /// Refuses a set without reading its lines.
    ///
    /// - Returns: The receipt that says why.
    func refuse(
        _ set: ImportSet,
        _ files: ImportFiles,
        _ source: SharedDataSource,
        _ problem: Problem
    ) async throws -> Receipt {
        let files = await files.stated()
        return try campaign.write { database in
            var receipt = try ReceiptStore().begin(
                .import,
                source.id,
                at: campaign.world.milliseconds,
                in: database
            )
            // A file that came too late needs nobody's attention.
            receipt.state = problem.kind == .fileSuperseded ? .cancelled : .failed
            receipt.files = files
            receipt.failure = Receipt.Failure(problem)
            try ReceiptStore().finish(receipt, in: database)
            try move(set, to: .rejected, reason: problem.summary, receipt: receipt.id.rawValue, in: database)
            return receipt
        }
    }

    /// Notes that files which waited have left their account; a receipt of which none is left is cancelled.
    ///
    /// - Parameters:
    ///   - account: The account, which was listed.
    ///   - present: The entries of the files that it holds.
    ///   - hidden: Files and folders that may not be read, so that nothing is known of them.
    /// - Returns: The receipts that were cancelled.
    /// - Throws: What the database answers.
    func cancelLeft(_ account: String, present: Set<Int64>, hidden: [String]) throws -> [Receipt] {
        try campaign.write { database in
            let ledger = Ledger(at: campaign.world.milliseconds)
            let waiting = try ledger.waiting(in: account, in: database)
            let left = waiting.filter { entry in
                !present.contains(entry.id)
                    && !hidden.contains { entry.path == $0 || entry.path.hasPrefix("\($0)/") }
            }
            guard !left.isEmpty else { return [] }
            let gone = Set(left.map(\.id))
            let held = Set(waiting.filter { !gone.contains($0.id) }.compactMap(\.receipt))
            for entry in left {
                try ledger.letGo(entry.id, reason: "It has left the account while it waited.", in: database)
            }
            return try Set(left.compactMap(\.receipt)).subtracting(held).sorted()
                .compactMap { try cancel(Receipt.ID($0), in: database) }
        }
    }

    private func cancel(_ id: Receipt.ID, in database: Database) throws -> Receipt? {
        guard var receipt = try? ReceiptStore().find(id, in: database), receipt.state == .waiting else {
            return nil
        }
        let problem = Problem(
            .setLeft,
            "\(receipt.files.first?.name ?? "The set") waited and has left the account, or was replaced there."
        )
        receipt.state = .cancelled
        receipt.failure = Receipt.Failure(problem)
        try ReceiptStore().finish(receipt, in: database)
        return receipt
    }

    /// Notes that a set was imported under other names.
    func recognise(_ set: ImportSet, _ reason: String) throws {
        try campaign.write { database in
            try move(set, to: .loaded, reason: reason, receipt: nil, in: database)
        }
    }

    private func move(
        _ set: ImportSet,
        to state: Ledger.State,
        reason: String,
        receipt: String?,
        in database: Database
    ) throws {
        let ledger = Ledger(at: campaign.world.milliseconds)
        for file in set.allFiles {
            try ledger.move(file.entry.id, to: state, reason: reason, receipt: receipt, in: database)
        }
    }
}
