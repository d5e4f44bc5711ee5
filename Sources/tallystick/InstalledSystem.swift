// SPDX-License-Identifier: Apache-2.0

import Campaign
import ExternalAccounts
import PeopleService
import Problems
import Storage
import Terminal

/// Opens whichever system a data directory holds.
enum InstalledSystem: AccountSystem {
    static func open(_ directory: DataDirectory, _ system: DataDirectory.System?) throws -> any AccountHost {
        switch try system ?? only(in: directory) {
        case .campaign: try Campaign(directory)
        case .people: try PeopleService(directory)
        }
    }

    /// Opens all systems of a data directory.
    ///
    /// - Parameter directory: The data directory.
    /// - Returns: At least one system.
    /// - Throws: `Problem` of kind `data.not-initialized` where there is none.
    static func all(in directory: DataDirectory) throws -> [any AccountHost & Diagnosed & SecretKeeper] {
        var systems: [any AccountHost & Diagnosed & SecretKeeper] = []
        // Where there is no system at all, Campaign says so.
        if directory.holds(.campaign) || !directory.holds(.people) { systems.append(try Campaign(directory)) }
        if directory.holds(.people) { systems.append(try PeopleService(directory)) }
        return systems
    }

    /// The only system of a data directory; Campaign where there is none, which then says so.
    private static func only(in directory: DataDirectory) throws -> DataDirectory.System {
        let systems = DataDirectory.System.allCases.filter(directory.holds)
        guard systems.count < 2 else {
            throw Problem(
                .wrongUsage,
                "\(directory.path) holds Campaign and the People service.",
                advice: "Say which one is meant: --system campaign or --system people.",
                field: "system"
            )
        }
        return systems.first ?? .campaign
    }
}
