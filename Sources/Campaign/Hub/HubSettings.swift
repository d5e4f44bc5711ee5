// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage

/// Where the hub's HTTP API is, and the token with which Campaign uses it.
package struct HubSettings: Sendable, Equatable, Codable, CustomStringConvertible {
    /// Its address, without a slash at the end, like `https://hub.example.com:8081`.
    package let url: String
    /// The token; secret.
    let token: String

    package var description: String { url }

    /// Checks settings.
    ///
    /// - Parameters:
    ///   - url: Where the hub is, `https://HOST[:PORT]`; `http://` for this machine only.
    ///   - token: The token that `tallystick people tokens create` printed there.
    /// - Throws: ``Problem`` of kind `hub.settings-refused`.
    package init(url: String, token: String) throws {
        var text = url
        while text.hasSuffix("/") { text.removeLast() }
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            parts.scheme == "http" || parts.scheme == "https",
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else {
            throw Problem(.hubSettingsRefused, "The hub's address is https://HOST[:PORT].", field: "url")
        }
        let isThisMachine = host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
        guard parts.scheme == "https" || isThisMachine else {
            throw Problem(
                .hubSettingsRefused,
                "Everybody on the way to \(host) could read the token.",
                advice: "Use https://, or a tunnel that ends on this machine.",
                field: "url"
            )
        }
        guard !token.isEmpty, token.utf8.count <= 4_096, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem(.hubSettingsRefused, "This is no token.", field: "token-file")
        }
        self.url = text
        self.token = token
    }

    private static let name = "hub"

    /// Stores the settings, sealed.
    func save(_ campaign: Campaign) throws {
        let sealed = try campaign.sealer.seal(Array(JSONEncoder().encode(self)), for: Self.name)
        try campaign.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO secrets (name, sealed) VALUES (?, ?)",
                arguments: [Self.name, sealed]
            )
        }
    }

    /// Forgets the settings, unless they are of another hub.
    ///
    /// - Returns: Whether there were any.
    static func forget(_ url: String, _ campaign: Campaign, in database: Database) throws -> Bool {
        let sealed = try Data.fetchOne(
            database,
            sql: "SELECT sealed FROM secrets WHERE name = ?",
            arguments: [name]
        )
        guard let sealed else { return false }
        let known = try JSONDecoder().decode(
            HubSettings.self,
            from: Data(campaign.sealer.open(sealed, for: name))
        )
        guard known.url == url else { return false }
        try database.execute(sql: "DELETE FROM secrets WHERE name = ?", arguments: [name])
        return true
    }

    /// The settings, if there are any.
    ///
    /// - Throws: ``Problem`` of kind `secrets.unreadable`.
    static func stored(_ campaign: Campaign) throws -> HubSettings? {
        let sealed = try campaign.read { database in
            try Data.fetchOne(database, sql: "SELECT sealed FROM secrets WHERE name = ?", arguments: [name])
        }
        guard let sealed else { return nil }
        return try JSONDecoder().decode(HubSettings.self, from: Data(campaign.sealer.open(sealed, for: name)))
    }
}

extension ProblemKind {
    package static let hubSettingsRefused = ProblemKind(
        "hub.settings-refused",
        status: 400,
        meaning: "The address or the token of the hub can't be used.",
        advice: "Give the address with --url and the token by --token-file."
    )
    package static let hubNotSet = ProblemKind(
        "hub.not-set",
        status: 409,
        meaning: "Campaign doesn't know where the hub's HTTP API is.",
        advice: "Run `tallystick hub set --url URL --token-file FILE`, or give a segment's number."
    )
    package static let hubUnreachable = ProblemKind(
        "hub.unreachable",
        status: 502,
        meaning: "The hub's HTTP API can't be reached, or what answers is no hub.",
        advice: "Check that it runs, its address with `tallystick hub show`, and the network between."
    )
    package static let hubTokenRefused = ProblemKind(
        "hub.token-refused",
        status: 401,
        meaning: "The hub doesn't take Campaign's token.",
        advice:
            "Make a new one at the hub (`tallystick people tokens create`), and give it to `tallystick hub set`."
    )
    package static let hubRefused = ProblemKind(
        "hub.refused",
        status: 502,
        meaning: "The hub refused a request, for the reason that the message quotes.",
        advice: "Put right what the hub says."
    )
    package static let hubSegmentUnknown = ProblemKind(
        "hub.segment-unknown",
        status: 404,
        meaning: "The hub has no segment of a name, or several.",
        advice: "Run `tallystick hub audiences --search TEXT`, and give the segment's number."
    )
}
