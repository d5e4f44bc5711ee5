// SPDX-License-Identifier: Apache-2.0

/// When files that come in count as complete, although nobody says that they are: after they were quiet for a while.
///
/// A partner may write a file under its final name, so that its beginning looks like a file. Those who rename a file that
/// is complete can't be told from them, so their files wait as well.
package struct Settling: Sendable {
    /// How long a file must not have changed, unless told otherwise.
    package static let standardQuietPeriod = Duration.seconds(1)

    /// How long a file must not have changed.
    package let quietPeriod: Duration

    /// Files count as complete after a quiet period.
    ///
    /// - Parameter quietPeriod: How long a file must not have changed; zero takes every file as it is.
    package init(quietPeriod: Duration = standardQuietPeriod) {
        self.quietPeriod = quietPeriod
    }

    /// The same for files of which more parts may come, or whose changes can't be dated well.
    var longQuietPeriod: Duration { quietPeriod * 2 }

    /// The same for a file that looks cut: its last line has no end, its gzip data breaks off, or it is empty.
    var patience: Duration { quietPeriod * 10 }

    /// How long one pass waits for files at most.
    var longestWait: Duration { quietPeriod * 12 }
}
