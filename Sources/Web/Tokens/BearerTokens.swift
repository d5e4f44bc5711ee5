// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import Logging
import Problems
import Storage

/// Lets only those in who bring a token, and lets only those change things whose token may (RFC 6750).
package struct BearerTokens: RouterMiddleware {
    private let database: DatabasePool
    private let world: World

    /// Tokens of a database.
    package init(_ database: DatabasePool, _ world: World) {
        self.database = database
        self.world = world
    }

    package func handle(
        _ request: Request,
        context: Visit,
        next: @concurrent (Request, Visit) async throws -> Response
    ) async throws -> Response {
        guard let text = Self.token(request) else {
            throw Problem(.tokenRefused, "The request has no token.")
        }
        let database = database
        let found = try await BlockingWork.read {
            try database.read { try APITokenStore().token(text, in: $0) }
        }
        let now = world.milliseconds
        guard let token = found, !token.hasExpired(at: now) else {
            throw Problem(
                .tokenRefused,
                found == nil ? "The token is unknown." : "The token is past its time."
            )
        }
        if now - (token.lastUsed ?? 0) >= 60_000 {
            let logger = context.logger
            BlockingWork.later {
                do {
                    try database.write { try APITokenStore().use(token, at: now, in: $0) }
                } catch {
                    logger.warning("the use of a token was not noted")
                }
            }
        }
        let isReading = request.method == .get || request.method == .head
        guard isReading || token.access == .write else {
            throw Problem(.tokenReadOnly, "The token \(token.id) may only read.")
        }
        var visit = context
        visit.token = token
        return try await next(request, visit)
    }

    /// The token of the header `Authorization: Bearer TOKEN`.
    private static func token(_ request: Request) -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingCharacters(in: .whitespaces)
    }
}
