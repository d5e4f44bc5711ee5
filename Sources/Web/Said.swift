// SPDX-License-Identifier: Apache-2.0

/// A field of a request that changes something: left out it stays, with null it is emptied.
package enum Said<Value: Decodable & Sendable>: Sendable {
    case nothing
    case empty
    case value(Value)

    /// What the field is afterwards.
    ///
    /// - Parameters:
    ///   - old: What it is.
    ///   - transform: Makes what is kept of what the request says.
    /// - Returns: What it was, nothing, or what the request says.
    /// - Throws: What the transform throws.
    package func applied<Kept>(to old: Kept?, _ transform: (Value) throws -> Kept) rethrows -> Kept? {
        switch self {
        case .nothing: old
        case .empty: nil
        case .value(let value): try transform(value)
        }
    }
}

extension Said where Value: Sendable {
    /// What the field is afterwards.
    package func applied(to old: Value?) -> Value? { applied(to: old) { $0 } }
}

extension KeyedDecodingContainer {
    /// Reads a field that may be left out or empty.
    package func said<Value: Decodable & Sendable>(_ type: Value.Type, _ key: Key) throws -> Said<Value> {
        guard contains(key) else { return .nothing }
        return try decodeIfPresent(type, forKey: key).map(Said.value) ?? .empty
    }
}
