// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Problems

extension Request {
    /// Reads the body as JSON.
    ///
    /// - Parameters:
    ///   - type: What it should be; fields that it doesn't know are left alone.
    ///   - visit: The request's surroundings.
    /// - Returns: The value.
    /// - Throws: ``Problem`` of kind `web.body-refused`, `web.body-too-large` or `web.media-type-refused`.
    package func json<Body: Decodable>(as type: Body.Type, _ visit: Visit) async throws -> Body {
        if let media = headers[.contentType] {
            let name = media.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
            guard name == "application/json" || name.hasSuffix("+json") else {
                throw Problem(.mediaTypeRefused, "The body is not application/json.")
            }
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: visit.maxUploadSize)
        } catch is NIOTooManyBytesError {
            throw Problem(.bodyTooLarge, "The body is larger than \(visit.maxUploadSize) bytes.")
        }
        do {
            return try visit.requestDecoder.decode(type, from: Data(buffer: buffer))
        } catch let error as DecodingError {
            throw Problem(error)
        }
    }
}

extension Problem {
    /// What is wrong with a body, without any of its values.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            let field = Self.name(context.codingPath + [key])
            self.init(.bodyRefused, "The field \(field) is missing.", field: field)
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            self.init(at: context.codingPath, "has another type than it should")
        case .dataCorrupted(let context):
            self.init(at: context.codingPath, "can't be used")
        @unknown default:
            self.init(at: [], "can't be used")
        }
    }

    private init(at path: [any CodingKey], _ fault: String) {
        guard !path.isEmpty else {
            self.init(.bodyRefused, "The body is no JSON object.")
            return
        }
        let field = Self.name(path)
        self.init(.bodyRefused, "The field \(field) \(fault).", field: field)
    }

    private static func name(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
