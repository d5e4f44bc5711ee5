// SPDX-License-Identifier: Apache-2.0

/// The limits that the formats put on lines.
package enum LineLimits {
    /// The largest line in bytes, without its end; longer ones are left out.
    package static let lineByteCount = 102_400

    /// The largest number of lines that one inbound file may hold for one user.
    package static let linesPerUser = 200
}
