// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Storage

/// What the shared data sources whose terms are accepted use one external account for.
struct AccountUse {
    /// The data sources that read from it, in the order of their IDs.
    let importing: [SharedDataSource]

    /// The data sources that write to it, in the order of their IDs.
    let exporting: [SharedDataSource]

    /// Whether something was imported from it or is shared to it.
    let hasExchanged: Bool

    /// Finds out who uses an account.
    ///
    /// - Throws: What the database answers.
    init(of account: String, _ campaign: Campaign, in database: Database) throws {
        let sources = try SharedDataSourceStore(campaign).all(in: database)
            .filter { $0.termsAccepted != nil }
            .sorted { $0.id.rawValue < $1.id.rawValue }
        importing = sources.filter { $0.importAccount == account }
        exporting = sources.filter { $0.exportAccount == account }
        let shared = try ShareStore().dataSources(in: database)
        hasExchanged =
            importing.contains { $0.lastFile != nil } || exporting.contains { shared.contains($0.id) }
    }

    /// What does not happen without the account, for people; nothing where nobody uses it.
    var loss: String? {
        let parts = [("imported", importing), ("shared", exporting)].compactMap { verb, sources in
            sources.isEmpty
                ? nil : "nothing is \(verb) for \(sources.map(\.id.rawValue).joined(separator: ", "))"
        }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }
}
