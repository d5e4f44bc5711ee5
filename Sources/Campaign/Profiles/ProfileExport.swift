// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// Writes profiles into a CSV file that a load reads back.
struct ProfileExport {
    private static let flushByteCount = 1 << 20

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Writes profiles in the order of their numbers.
    ///
    /// - Parameters:
    ///   - path: The file to make; an older one is replaced when the new one is whole.
    ///   - members: Which profiles; all, when `nil`.
    /// - Returns: How many profiles were written.
    /// - Throws: ``Problem`` of kind `files.not-writable` or `data.disk-full`, or what the database answers.
    func write(_ path: String, members: MemberSet? = nil) throws -> Int {
        let output = try OutputFile(path, outside: campaign.directory)
        var writer = CSVWriter()
        var count = 0
        let progress = Progress("exporting profiles")
        defer { progress.finish() }
        try campaign.read { database in
            let fields = try ProfileFieldStore.all(in: database)
            writer.append(record: fields.map(\.name))
            let names = fields.map(\.name).joined(separator: ", ")
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT number, \(names) FROM profiles ORDER BY number"
            )
            while let row = try rows.next() {
                let number: Int64 = row[0]
                if let members, !members.contains(ProfileNumber(number)) { continue }
                for (index, field) in fields.enumerated() {
                    writer.append(field.text(of: row[index + 1]))
                }
                writer.endRecord()
                count += 1
                if writer.bytes.count > Self.flushByteCount {
                    try output.write(writer.bytes)
                    writer.removeAll()
                    progress.show(count, of: members?.count, "profiles")
                }
            }
        }
        try output.write(writer.bytes)
        try output.finish()
        return count
    }
}
