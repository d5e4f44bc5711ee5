// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

/// A value as an answer in JSON.
package struct Answer<Value: Encodable & Sendable>: ResponseGenerator {
    private let value: Value
    private let status: HTTPResponse.Status
    private let location: String?

    /// An answer with status 200.
    package init(_ value: Value) {
        self.value = value
        status = .ok
        location = nil
    }

    /// An answer with status 201.
    ///
    /// - Parameters:
    ///   - value: What was made.
    ///   - location: The path at which it can be read.
    package init(created value: Value, at location: String) {
        self.value = value
        self.location = location
        status = .created
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers: HTTPFields = [.contentType: "application/json"]
        if let location { headers[.location] = location }
        let data = try encoder.encode(value)
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(data: data))
        )
    }
}
