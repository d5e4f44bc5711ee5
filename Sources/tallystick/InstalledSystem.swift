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
