// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import ExternalAccounts
import PeopleService
import Problems
import Storage
import Terminal

/// The program: the list of commands.
@main
enum Tallystick {
    static func main() async {
        ProcessMemory.shareOneHeap()
        await CommandExit.run(TallystickCommand.self, explaining: CampaignErrors.explain)
    }
}

struct TallystickCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tallystick",
        abstract: "Exchange audiences between systems that know the same people under different IDs.",
        discussion: "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with rejects.",
        subcommands: CampaignCommands.all
            + [
                AccountsCommand<InstalledSystem>.self, CheckCommand.self, PeopleCommand.self,
                ProvisionCommand.self, SecretsCommand.self, ServeCommand.self, DemosCommand.self,
                VersionCommand.self, DocsCommand.self,
            ]
    )
}
