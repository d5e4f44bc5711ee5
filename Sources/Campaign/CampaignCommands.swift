// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The commands of the system Campaign, in the order of the help.
package enum CampaignCommands {
    /// The commands that work on an installation.
    package static let all: [any ParsableCommand.Type] = [
        InitCommand.self, ProfilesCommand.self, DataSourcesCommand.self,
        AudiencesCommand.self, HubCommand.self, SyncCommand.self, ReceiptsCommand.self,
    ]
}
