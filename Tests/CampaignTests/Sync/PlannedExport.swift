// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Matching
import Storage

@testable import Campaign

extension TestCampaign {
    /// Brings an export to the point at which its plan is kept and nothing is published, with a file of any size.
    ///
    /// - Parameter byteCount: The size of the file.
    /// - Returns: The file's name in the account and its SHA-256; its contents no partner could read as lines.
    /// - Throws: What keeps the export from being planned.
    func planExport(byteCount: Int) async throws -> (name: String, sha256: String) {
        try await makePlain()
        try load("externalId\nA\nB\n")
        let share = try campaign.write { database in
            let list = try AudienceStore()
                .insert(label: "List", .list, members: MemberSet([1, 2]), at: 0, in: database)
            return try ShareStore()
                .save(
                    list.id,
                    segment: 77,
                    SharedDataSource.ID("Plain"),
                    isReplacing: false,
                    ShareOptions(),
                    in: database
                )
        }
        var (receipt, plan) = try ShareRun(campaign, share).prepared()
        let file = plan.files[0]
        let block = world.randomBytes(1 << 20)
        var contents: [UInt8] = []
        while contents.count < byteCount { contents += block.prefix(byteCount - contents.count) }
        try Data(contents).write(to: URL(filePath: "\(data.spool)/\(file.spoolFile)"))
        let sha256 = HexText.string(try Digester(.sha256).digest(contents))
        receipt.files = [Receipt.File(name: file.name, bytes: Int64(byteCount), sha256: sha256)]
        plan = SharePlan(
            receipt: plan.receipt,
            share: plan.share,
            segment: plan.segment,
            list: plan.list,
            version: plan.version,
            change: plan.change,
            files: [
                SharePlan.File(
                    name: file.name,
                    spoolFile: file.spoolFile,
                    byteCount: byteCount,
                    sha256: sha256
                )
            ]
        )
        try campaign.write { [receipt, plan] database in
            try ReceiptStore().finish(receipt, in: database)
            try SharePlanStore().insert(plan, in: database)
        }
        return (file.name, sha256)
    }
}

extension TestFiles {
    /// A file of outbound lines that is large and quickly read: `A` in segment 24, and so many IDs of 100,000 letters.
    static func long(_ count: Int) -> [UInt8] {
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000) + Array(" 24\n".utf8)
        var file = Array("A 24\n".utf8)
        for _ in 0..<count { file += line }
        return file
    }
}
