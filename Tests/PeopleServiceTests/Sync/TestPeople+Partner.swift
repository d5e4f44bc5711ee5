// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import Storage
import Surroundings

@testable import PeopleService

/// What an exchange with a partner's storage needs.
extension TestPeople: PartneredSystem {
    var system: PeopleService { service }

    /// A pass, and where files have to be quiet for a while another one after that time.
    @discardableResult
    func exchange() async throws -> PeopleSyncReport {
        var report = try await sync()
        guard !report.waiting.isEmpty else { return report }
        pass(seconds: 3)
        report.waiting = []
        report.merge(try await sync())
        return report
    }

    /// Devices 100 and people 200, two onboarded traits, and a segment of those who have the first one only.
    func definitions() throws -> (wanted: SID, unwanted: SID, segment: SID) {
        try dataSource(100, .device)
        try dataSource(200, .crossDevice)
        let (wanted, unwanted) = (try trait(of: 200), try trait(of: 200))
        let segment = try Segments(service)
            .create(name: "S", dataSource: 200, rule: "\(wanted)T and not \(unwanted)T")
        return (wanted, unwanted, segment.sid)
    }

    /// The files in the spool of the data directory.
    var spooled: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: service.directory.spool)) ?? []).sorted()
    }

    /// The receipts of all runs, the oldest first.
    func receipts() throws -> [Receipt] {
        try service.read { try ReceiptStore().list(limit: 1_000, in: $0) }.reversed()
    }

    /// What a receiver makes of outbound files in their order: the IDs that are in the only segment.
    static func receiving(_ files: [String]) -> Set<String> {
        var ids: Set<String> = []
        for line in files.flatMap({ $0.split(separator: "\n") }) {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            if fields[1].isEmpty { ids.remove(fields[0]) } else { ids.insert(fields[0]) }
        }
        return ids
    }

    /// The bytes of an ID-sync file in gzip.
    func packedLinks(_ rows: [[String]], of sources: [DataSourceNumber]) throws -> [UInt8] {
        let name = IDSyncFileName(dataSources: sources, timestamp: 1_700_000_000, isGzip: true)
        let writer = IDSyncWriter(folder: root, name: name)
        for row in rows { try writer.append(row) }
        _ = try writer.finish()
        return try Array(Data(contentsOf: URL(filePath: "\(root)/\(name)")))
    }
}
