// SPDX-License-Identifier: Apache-2.0

import Foundation
import Terminal
import Web

/// A token as commands show it.
struct TokenReport: Encodable {
    let id: String
    let name: String
    let access: String
    let readsRejectedLines: Bool
    let created: String
    let expires: String
    let isExpired: Bool
    let lastUsed: String?

    init(_ token: APIToken, at now: Int64) {
        id = token.id
        name = token.name
        access = token.access.rawValue
        readsRejectedLines = token.readsRejectedLines
        created = Self.text(token.created)
        expires = Self.text(token.expires)
        isExpired = token.hasExpired(at: now)
        lastUsed = token.lastUsed.map(Self.text)
    }

    private static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }
}

/// The result of `tokens create`.
struct NewTokenReport: Report {
    let token: String
    let id: String
    let name: String
    let access: String
    let readsRejectedLines: Bool
    let expires: String

    init(_ made: APIToken, text: String) {
        let report = TokenReport(made, at: made.created)
        token = text
        id = report.id
        name = report.name
        access = report.access
        readsRejectedLines = report.readsRejectedLines
        expires = report.expires
    }

    var text: String {
        """
        \(token)
        This is the only time that the token is shown. \(id) (\(name)) may \(access)\(lines) until \(expires).
        Send it as: Authorization: Bearer \(token.prefix(6))…
        """
    }

    private var lines: String { readsRejectedLines ? ", also texts of rejected lines," : "" }
}

/// The result of `tokens list`.
struct TokensReport: Report {
    let tokens: [TokenReport]

    init(_ tokens: [APIToken], at now: Int64) {
        self.tokens = tokens.map { TokenReport($0, at: now) }
    }

    var text: String {
        guard !tokens.isEmpty else { return "There are no tokens." }
        var table = TextTable("token", "name", "access", "expires", "last used")
        for token in tokens {
            let expires = token.isExpired ? "expired" : token.expires
            let access = token.access + (token.readsRejectedLines ? ", lines" : "")
            table.add(token.id, token.name, access, expires, token.lastUsed ?? "never")
        }
        return table.text
    }
}

/// The result of `tokens revoke`.
struct RevokedReport: Report {
    let revoked: String
    let name: String

    var text: String { "\(revoked) (\(name)) is refused from now on" }
}
