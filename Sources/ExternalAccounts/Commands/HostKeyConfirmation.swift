// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Terminal
import Transfer

/// How a person confirms the host key of an SFTP server; there is no way around it.
enum HostKeyConfirmation {
    /// Asks the server for its host key and the person whether it is the right one.
    ///
    /// - Parameters:
    ///   - host: The server's name or address.
    ///   - port: The port.
    /// - Returns: The confirmed fingerprint.
    /// - Throws: ``Problem`` of kind `accounts.host-key-unconfirmed` where nobody confirms it, `accounts.unreachable`
    ///   where the server can't be asked.
    static func ask(_ host: String, port: Int) async throws -> String {
        // Nobody signs in; a name is needed all the same.
        let server = SFTPSettings(
            host: host,
            port: UInt16(clamping: port),
            user: "nobody",
            root: "",
            hostKeys: []
        )
        let keys: [HostKey]
        do {
            keys = try await SFTPTransport.hostKeys(of: server)
        } catch {
            let cause = error.cause
            let summary = cause.contains(host) ? cause : "\(host): \(cause)"
            throw Problem(.accountUnreachable, summary, advice: error.fix)
        }
        guard let key = keys.first else {
            throw Problem(.accountUnreachable, "\(host) shows no host key.")
        }
        let unconfirmed = Problem(
            .hostKeyUnconfirmed,
            "\(host) shows the host key \(key.fingerprint) (\(key.type)).",
            advice:
                "Compare it with what the partner says; if it is the same, add --host-key \(key.fingerprint).",
            field: "host-key"
        )
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { throw unconfirmed }
        let question = """
            \(host) shows the host key \(key.fingerprint) (\(key.type)).
            Is this the fingerprint that the partner gave you? Type yes to confirm it: 
            """
        FileHandle.standardError.write(Data(question.utf8))
        guard readLine()?.trimmingCharacters(in: .whitespaces).lowercased() == "yes" else {
            throw unconfirmed
        }
        return key.fingerprint
    }

    /// Checks fingerprints that were given.
    ///
    /// - Parameter fingerprints: One or two.
    /// - Returns: The same, with `=` at the end left out.
    /// - Throws: ``Problem`` of kind `accounts.refused`.
    static func checked(_ fingerprints: [String]) throws -> [String] {
        let keys = fingerprints.map { String($0.trimmingCharacters(in: CharacterSet(charactersIn: "= "))) }
        for key in keys where key.wholeMatch(of: /SHA256:[A-Za-z0-9+\/]{43}/) == nil {
            throw Problem(
                .accountRefused,
                "\(key) is no fingerprint of a host key.",
                advice: "It is SHA256: and 43 characters, as `ssh-keygen -lf` prints it.",
                field: "host-key"
            )
        }
        guard keys.count <= 2, Set(keys).count == keys.count else {
            throw Problem(
                .accountRefused,
                "At most two different host keys are accepted, while the partner changes from one to the other.",
                field: "host-key"
            )
        }
        return keys
    }
}
