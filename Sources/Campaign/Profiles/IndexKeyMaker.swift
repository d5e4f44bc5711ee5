// SPDX-License-Identifier: Apache-2.0

import Matching

/// Makes the keys under which an index finds a profile, from the values of the index's field.
///
/// Holds buffers of its own, so each thread uses one of its own.
struct IndexKeyMaker {
    private let secret: IDKeySecret
    private let maker: IDKeyMaker?

    /// Prepares for an index.
    ///
    /// - Parameters:
    ///   - definition: Which index.
    ///   - secret: The secret of all indexes.
    /// - Throws: `MatchingError` when libcrypto lacks the algorithm.
    init(_ definition: IndexDefinition, secret: IDKeySecret) throws {
        self.secret = secret
        // The exact index of a field takes any value, also one that could not be written into a file of IDs.
        maker = definition.isExact ? nil : try IDKeyMaker(rule: definition.rule, secret: secret)
    }

    /// The key of a value; `nil` for an empty value and for one that no ID can stand for.
    func key(of value: FieldValue) throws -> IDKey? {
        switch value.kind {
        case .empty, .real: nil
        case .text: try key(of: value.bytes)
        case .integer: try key(of: String(value.integer))
        }
    }

    /// The key of a text in UTF-8.
    func key(of text: UnsafeRawBufferPointer) throws -> IDKey? {
        guard !text.isEmpty else { return nil }
        guard let maker else { return IDKey(canonical: text, secret: secret) }
        return try maker.key(of: text)
    }

    /// The key of a text.
    func key(of text: String) throws -> IDKey? {
        var text = text
        return try text.withUTF8 { try key(of: UnsafeRawBufferPointer($0)) }
    }
}
