// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Moves one file by a transport, for the scripts in `Benchmarks` and as a process that tests can kill.
@main
struct TransferBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer-bench",
        subcommands: [SFTPBench.self, S3Bench.self]
    )
}
