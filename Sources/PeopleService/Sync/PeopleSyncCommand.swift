// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import ServiceLifecycle
import Terminal
import UnixSignals

/// `tallystick people sync`: onboards complete files and tells destinations what changed.
struct PeopleSyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Onboard complete inbound and ID-sync files, and write outbound files that are due.",
        discussion: """
            With --watch it stays, notices new files and changed segments within seconds, and stops cleanly on SIGTERM \
            or Ctrl-C. A second sync on the same data directory says so and leaves.

            A file counts as complete once it has not changed for the quiet period, a part of a split set or a file on an \
            SFTP server for twice as long, one that ends in the middle of a line or of gzip data for ten times as long, \
            and none while a process of this machine is seen to write it. Without --watch it waits for such files.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Stay and go on with every new file.") var watch = false
    @OptionGroup var settling: SettlingOptions

    func run() async throws {
        let service = try PeopleService(global.directory)
        let sync = try PeopleSync(service, settling.settling)
        guard watch else {
            let report = try await sync.pass()
            try global.show(report)
            if report.hasFailures { throw CommandExit.failed }
            if report.hasRejects { throw CommandExit.doneWithRejects }
            return
        }
        let global = global
        let group = ServiceGroup(
            services: [PeopleWatch(service, sync) { try global.show($0) }],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: service.logger
        )
        try await group.run()
    }
}
