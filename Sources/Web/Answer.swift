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
    private let isPersonal: Bool

    /// An answer with status 200.
    ///
    /// - Parameters:
    ///   - value: What is answered.
    ///   - isPersonal: Whether it holds IDs of people, so that nothing on the way may keep it.
    package init(_ value: Value, isPersonal: Bool = false) {
        self.value = value
        self.isPersonal = isPersonal
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
        isPersonal = false
        status = .created
    }

    /// An answer with status 202.
    ///
    /// - Parameter value: What will be done.
    package init(accepted value: Value) {
        self.value = value
        location = nil
        isPersonal = false
        status = .accepted
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers: HTTPFields = [.contentType: "application/json"]
        if let location { headers[.location] = location }
        if isPersonal { headers[.cacheControl] = "no-store" }
        let data = try encoder.encode(value)
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(data: data))
        )
    }
}
