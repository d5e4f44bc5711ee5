// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// How commands that take files in are told when such files count as complete.
package struct SettlingOptions: ParsableArguments {
    @Option(help: "For how many seconds a file must not have changed before it is read, 0 to 600.")
    var quiet = Settling.standardQuietPeriod / .seconds(1)

    package init() {}

    package func validate() throws {
        guard (0...600).contains(quiet) else { throw ValidationError("--quiet takes 0 to 600 seconds.") }
    }

    /// When files that come in count as complete.
    package var settling: Settling { Settling(quietPeriod: .milliseconds(Int(quiet * 1_000))) }
}
