// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Problems

/// A problem as an HTTP answer: `application/problem+json` (RFC 9457), with our code, advice and field added.
struct ProblemBody: Encodable {
    let type: String
    let title: String
    let status: Int
    let detail: String
    let code: String
    let advice: String
    let field: String?

    init(_ problem: Problem) {
        type = "urn:tallystick:problem:\(problem.kind.code)"
        title = problem.kind.meaning
        status = problem.kind.status
        detail = problem.summary
        code = problem.kind.code
        advice = problem.advice
        field = problem.field.map(Self.name)
    }

    /// The name of a field as JSON has it; commands write `integration-code` for `integrationCode`.
    private static func name(_ field: String) -> String {
        let words = field.split(separator: "-")
        return words.prefix(1).joined() + words.dropFirst().map(\.capitalized).joined()
    }

    /// The media type of problems.
    static let mediaType = "application/problem+json"
}

extension Problem {
    /// The answer to a request that met the problem.
    ///
    /// - Parameter headers: Headers that belong to it.
    /// - Returns: The answer.
    package func response(_ headers: HTTPFields = [:]) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(ProblemBody(self))) ?? Data("{}".utf8)
        var headers = headers
        headers[.contentType] = ProblemBody.mediaType
        if kind == .tokenRefused, headers[.wwwAuthenticate] == nil {
            headers[.wwwAuthenticate] = #"Bearer error="invalid_token""#
        }
        return Response(
            status: HTTPResponse.Status(code: kind.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
