// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage

/// The members of an export that have no ID in its data source, with the reason, as CSV.
///
/// It holds personal data: it lies with the rejected lines and goes with their retention.
struct UnmappedList {
    /// What the names of these files end in.
    static let ending = ".unmapped.csv"

    private static let flushByteCount = 1 << 20

    let ids: CollectedIDs
    let isVisitor: Bool

    /// Whether nobody is missing.
    var isEmpty: Bool { ids.suppressed.isEmpty && ids.unknown.isEmpty && ids.malformed.isEmpty }

    /// Writes the list in the order of profile numbers.
    ///
    /// - Parameters:
    ///   - path: The file to make.
    ///   - database: The database, in the transaction that read the members.
    /// - Throws: ``Problem`` when the file can't be written, or what the database answers.
    func write(_ path: String, in database: Database) throws {
        let output = try OutputFile(path)
        var writer = CSVWriter()
        writer.append(record: ["profile", "externalId", "reason"])
        let members = MemberSet.union(of: [ids.suppressed, ids.unknown, ids.malformed])
        let scan = try ProfileScan("externalId", of: members, in: database)
        while let number = try scan.next() {
            writer.append(String(number))
            writer.append(scan.bytes(1))
            writer.append(reason(number).rawValue)
            writer.endRecord()
            if writer.bytes.count > Self.flushByteCount {
                try output.write(writer.bytes)
                writer.removeAll()
            }
        }
        try output.write(writer.bytes)
        try output.finish()
    }

    /// A member of a list that was written.
    struct Member: Encodable {
        let profile: Int64
        let externalId: String
        let reason: String
    }

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: How many members at most; 0 for all.
    /// - Returns: The members in the order of profile numbers.
    /// - Throws: ``Problem`` when the file can't be read.
    static func read(_ path: String, limit: Int) throws -> [Member] {
        let file = try LoadFile(path)
        let reader = try file.reader()
        let records = CSVRecords(columnCount: 3)
        var members: [Member] = []
        while let block = try reader.next() {
            records.read(block)
            records.forEach { record in
                guard limit == 0 || members.count < limit, record.fault == nil else { return }
                let texts = (0..<3).map { String(decoding: record[$0], as: UTF8.self) }
                members.append(
                    Member(profile: Int64(texts[0]) ?? 0, externalId: texts[1], reason: texts[2])
                )
            }
        }
        return members
    }

    private func reason(_ number: ProfileNumber) -> UnmappedReason {
        if ids.suppressed.contains(number) { return .optedOut }
        if ids.malformed.contains(number) { return .keyUnusable }
        return isVisitor ? .noVisitorID : .keyEmpty
    }
}
