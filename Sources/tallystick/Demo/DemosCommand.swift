// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign

/// `tallystick demo`: the exchange of files in both directions, and the whole circle of two systems.
struct DemosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the exchange on invented people: files in both directions, or the whole circle.",
        subcommands: [DemoCommand<TallystickCommand>.self, CircleCommand.self],
        defaultSubcommand: DemoCommand<TallystickCommand>.self
    )
}
