// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import ServiceLifecycle
import Terminal
import UnixSignals

/// `tallystick sync`: imports all new complete files and shares what is due.
package struct SyncCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Import all new complete files and share what is due.",
        discussion: """
            With --watch it stays, notices new files within a second, and stops cleanly on SIGTERM or Ctrl-C: the \
            run at work is finished first. A second sync on the same data directory says so and leaves.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Stay and go on with every new file.") var watch = false

    package init() {}

    package func run() async throws {
        let campaign = try Campaign(global.directory)
        let sync = try SyncRun(campaign)
        guard watch else {
            let report = try await sync.pass()
            try global.show(report)
            if report.hasFailures { throw CommandExit.failed }
            if report.hasRejects { throw CommandExit.doneWithRejects }
            return
        }
        let global = global
        let watch = SyncWatch(campaign, sync) { report in
            try global.show(report)
        }
        let group = ServiceGroup(
            services: [watch],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: campaign.logger
        )
        try await group.run()
    }
}
