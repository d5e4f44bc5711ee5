// SPDX-License-Identifier: Apache-2.0

/// How the lines of a set of files are written and what they do to audiences.
struct ImportForm: Sendable {
    /// The grammar of a line.
    let lines: LineForm
    /// Whether the files hold all members, so that who isn't named is out.
    let isFull: Bool
    /// Whether a listed user leaves every segment that the file doesn't name for it (`.overwrite`).
    let replacesListedUsers: Bool

    /// Whether removed segments count; a full file lists members only.
    var takesRemovals: Bool { !isFull }

    /// Whether a user may have only so many lines.
    var hasLineLimit: Bool { lines == .inbound }
}
