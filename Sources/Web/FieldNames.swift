// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Problems

/// Gives the fields of problems the names that the bodies of some routes have for them.
///
/// Problems name the options of commands, `data-source` or `rule`; a body may say `dataSourceId` or `traitRule`.
package struct FieldNames: RouterMiddleware {
    private let names: [String: String]

    /// Translates names.
    ///
    /// - Parameter names: The names in the body by the names in problems; others stay.
    package init(_ names: [String: String]) {
        self.names = names
    }

    package func handle(
        _ request: Request,
        context: Visit,
        next: @concurrent (Request, Visit) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            guard let name = problem.field.flatMap({ names[$0] }) else { throw problem }
            throw Problem(problem.kind, problem.summary, advice: problem.advice, field: name)
        }
    }
}
