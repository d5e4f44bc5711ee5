// SPDX-License-Identifier: Apache-2.0

/// What is published: a file of the spool, or a few bytes such as a control file.
package enum Payload: Hashable, Sendable {
    /// A file on this machine, by its path.
    case file(String)

    /// Contents held in memory.
    case bytes([UInt8])
}
