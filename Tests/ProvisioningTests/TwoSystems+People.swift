// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// What the People service's side does in a round trip.
extension TwoSystems {
    /// Lets accounts lead to a partner's storage.
    func connect(_ accounts: [String: Partner]) throws {
        let accounts = try accounts.map { try $1.account($0, sealer: people.sealer) }
        try people.write { database in
            for account in accounts { try ExternalAccountStore().save(account, in: database) }
        }
    }

    /// Makes a trait to share into and a segment over it, which leaves under the IDs of the same data source.
    func makeSegment(of dataSource: Int) throws -> (trait: Int, segment: Int) {
        let made = try AudienceCatalog(people).create(name: "Gold", dataSource: dataSource)
        let destination = try people.read { try DestinationStore().list(limit: 10, in: $0) }
            .first { $0.keyDataSource == dataSource }
        let obstacle = try Destinations(people).map(made.segment, to: #require(destination).number)
        #expect(obstacle == nil)
        return made
    }

    /// The People service exchanges what there is, twice, since a server's file has to be quiet for a while.
    func syncPeople() async throws {
        for _ in 0..<2 {
            _ = try await PeopleSync(people).pass(isPatient: false)
            pass(days: 3.0 / 86_400)
        }
    }

    /// The receipts of a kind of run, the oldest first.
    func peopleReceipts(_ kind: String) throws -> [SeenReceipt] {
        try people.read { try ReceiptStore().list(limit: 100, in: $0) }
            .filter { $0.kind.rawValue == kind }
            .reversed()
            .map { receipt in
                SeenReceipt(
                    state: receipt.state.rawValue,
                    received: receipt.received,
                    matched: receipt.counts[.matched],
                    unknown: receipt.counts[.unknown],
                    sums: receipt.files.filter { !$0.name.hasSuffix(".info") }.map(\.sha256)
                )
            }
    }
}
