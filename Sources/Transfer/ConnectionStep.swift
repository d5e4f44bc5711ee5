// SPDX-License-Identifier: Apache-2.0

/// One step of a connection check: what was tried, how it went, how long it took.
package struct ConnectionStep: Hashable, Sendable {
    /// What was tried.
    package let name: Name

    /// How it went.
    package let outcome: Outcome

    /// How long it took, in seconds; zero for a step that was left out.
    package let seconds: Double

    /// What was found on the way, where there is something to tell.
    package let finding: Finding?

    /// What a connection check tries, in this order; how storage is reached differs from type to type.
    package enum Name: String, Hashable, Sendable, CaseIterable {
        /// The folder is there and lets us in.
        case reach
        /// The server's name stands for an address.
        case resolve
        /// The server accepts connections.
        case connect
        /// The server shows the host key that was confirmed for it.
        case hostKey = "host-key"
        /// The server speaks TLS and its certificate is good.
        case tls
        /// The server lets us in.
        case signIn = "sign-in"
        /// The bucket is in the region that the account names.
        case region
        /// The account's files can be listed.
        case list
        /// A probe can be written, verified and given its name.
        case write
        /// The probe reads back as it was written.
        case readBack = "read-back"
        /// The probe can be renamed.
        case rename
        /// The probe can be deleted and is gone.
        case delete
        /// The storage's clock agrees with ours.
        case clock
        /// There is room for files.
        case space
    }

    /// How a step went.
    package enum Outcome: Hashable, Sendable {
        /// It worked.
        case ok
        /// It did not work.
        case failed(TransferError)
        /// It was left out, since an earlier step failed, it was not asked for, or the storage does not tell.
        case skipped
    }

    /// What a step found.
    package enum Finding: Hashable, Sendable {
        /// Which addresses the server's name stands for, as text.
        case addresses([String])
        /// The fingerprint of the server's host key, for example `SHA256:…`.
        case hostKey(String)
        /// What the server says of itself or how it lets us in, without a secret.
        case note(String)
        /// How many files the account shows.
        case files(Int)
        /// How many bytes are free.
        case freeBytes(Int)
        /// How many seconds the storage's clock is ahead of ours, negative where it is behind.
        case clockAhead(seconds: Double)
    }
}
