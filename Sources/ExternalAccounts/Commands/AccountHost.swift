// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GRDB
import Problems
import Storage
import Transfer

/// A system that has external accounts: Campaign or the People service.
package protocol AccountHost: StoredSystem {
    /// The way to an account's storage.
    func transport(to account: ExternalAccount) throws -> any Transport

    /// What uses an account, as the start of a sentence, if anything does.
    func user(of account: String, in database: Database) throws -> String?

    /// Whether files of all accounts are read, so that two of the same place see the same ones.
    var readsAllAccounts: Bool { get }

    /// What does not happen any more without a built-in account, for people; nothing where nobody uses it.
    func loss(without account: String, in database: Database) throws -> String?
}

extension AccountHost {
    /// A system without built-in accounts loses nothing.
    package func loss(without account: String, in database: Database) throws -> String? { nil }

    /// Unless it says so, a system reads only the accounts that something names.
    package var readsAllAccounts: Bool { false }

    /// What to know of an account besides its settings.
    func warnings(about account: ExternalAccount, in database: Database) throws -> [String] {
        guard readsAllAccounts else { return [] }
        let others = account.sharingPlace(among: try ExternalAccountStore().all(in: database))
        return [account.sharedPlaceWarning(others)].compactMap(\.self)
    }
}

/// Opens the system of a data directory that a command is about.
package protocol AccountSystem: Sendable {
    /// Opens a system.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - system: The system that the person named; without one the only one that the directory holds.
    /// - Returns: The opened system.
    /// - Throws: ``Problem`` of kind `data.not-initialized`, or `usage.wrong` where the choice is open.
    static func open(_ directory: DataDirectory, _ system: DataDirectory.System?) throws -> any AccountHost
}

/// The option that says which system of a data directory a command is about.
package struct SystemOption: ParsableArguments {
    @Option(help: "campaign or people, where the data directory holds both.")
    package var system: DataDirectory.System?

    package init() {}
}

extension DataDirectory.System: ExpressibleByArgument {}
