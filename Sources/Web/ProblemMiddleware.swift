// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Problems
import Terminal

/// Turns everything that goes wrong behind it into an answer of `application/problem+json`.
struct ProblemMiddleware: RouterMiddleware {
    /// What a person can do about an error that is no problem yet; `nil` for a fault of the program.
    let explain: @Sendable (any Error) -> Problem?

    func handle(
        _ request: Request,
        context: Visit,
        next: @concurrent (Request, Visit) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let refused as RefusedMethod {
            return refused.response
        } catch let error as CancellationError {
            throw error
        } catch let error as any HTTPResponseError {
            return problem(error).response(error.headersForProblem)
        } catch {
            let problem = (error as? Problem) ?? explain(error) ?? unexpected(error, context)
            return problem.response()
        }
    }

    /// What Hummingbird found wrong with a request.
    private func problem(_ error: any HTTPResponseError) -> Problem {
        switch error.status {
        case .contentTooLarge: Problem(.bodyTooLarge, "The body is larger than \(Visit.largestBody) bytes.")
        case .notFound: Problem(.pathUnknown, "There is nothing at this path.")
        default: Problem(.webRefused, "The request can't be understood.")
        }
    }

    /// A fault is logged under the request's number, which the client is told; its text may quote data and isn't.
    private func unexpected(_ error: any Error, _ visit: Visit) -> Problem {
        let kind = String(reflecting: type(of: error))
        let code = (error as NSError).code
        visit.logger.error("a request failed", metadata: ["cause": "\(kind) \(code)"])
        return Problem(
            .unexpected,
            "Something went wrong that Tallystick has no words for; the log tells more at request \(visit.id).",
            advice: "Try again; if it stays, look into the server's log."
        )
    }
}

extension HTTPResponseError {
    /// The headers that also belong to the problem's answer.
    fileprivate var headersForProblem: HTTPFields {
        (self as? HTTPError)?.headers ?? [:]
    }
}
