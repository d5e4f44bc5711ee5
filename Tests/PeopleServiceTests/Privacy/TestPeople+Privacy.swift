// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import PeopleService

extension TestPeople {
    /// Two devices of one person, a third one of somebody else who shares the second, and a trait with a segment.
    ///
    /// - Returns: The trait of data source 200 and the segment of those who have it.
    func household() throws -> (trait: SID, segment: SID) {
        try dataSource(100, .device)
        try dataSource(200, .crossDevice)
        try dataSource(201, .crossDevice)
        let trait = try trait(of: 200)
        let segment = try Segments(service).create(name: "S", dataSource: 200, rule: "\(trait)T").sid
        try idSync("d1\tann\nd2\tann\n", "adobe_id_100_200_1700000000.sync")
        try idSync("d2\tbob\nd3\tbob\n", "adobe_id_100_200_1700000001.sync")
        return (trait, segment)
    }

    /// Adds a trait to IDs of a data source.
    @discardableResult
    func realize(_ trait: SID, _ ids: [String], of source: DataSourceNumber, at time: Int = 1_700_000_100)
        throws
        -> Receipt
    {
        let text = ids.map { "\($0)\td_sid=\(trait)\n" }.joined()
        return try onboard(text, "ftp_dpm_\(source)_200_\(time).sync")
    }

    /// Wipes as the outbound run does once destinations were told.
    @discardableResult
    func forgetDelivered(stillOwed owed: MemberSet = .empty) throws -> Int {
        try Forgetting(IDDirectory(service), service).forgetDelivered(stillOwed: owed)
    }

    func number(_ source: DataSourceNumber, _ id: String) throws -> IDNumber? {
        try IDDirectory(service).number(of: id, source)
    }

    func isOut(_ source: DataSourceNumber, _ ids: String...) throws -> [Bool] {
        try ids.map { try OptOuts(service).isOptedOut(source, $0) }
    }

    /// Whether any file of the data directory holds a text.
    func isReadable(_ text: String) throws -> Bool {
        let data = Data(text.utf8)
        let files = FileManager.default.enumerator(atPath: service.directory.path)
        while let name = files?.nextObject() as? String {
            let content = FileManager.default.contents(atPath: "\(service.directory.path)/\(name)")
            if let content, content.range(of: data) != nil { return true }
        }
        return false
    }
}

/// The problem in which work ends.
func peopleProblem(_ location: SourceLocation = #_sourceLocation, of work: () throws -> Void) -> Problem? {
    do {
        try work()
        Issue.record("there was no problem", sourceLocation: location)
    } catch let problem as Problem {
        return problem
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}
