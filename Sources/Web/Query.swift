// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Problems

/// The parameters behind the question mark of an address, as forms write them: `+` is a blank.
package struct Query: Sendable {
    private let values: [String: String]

    /// Reads the parameters of a request; of those that come twice the last counts.
    package init(_ request: Request) {
        self.init(request.uri.query ?? "")
    }

    /// Reads parameters.
    package init(_ text: String) {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { part in
                let spaced = part.replacing("+", with: " ")
                return spaced.removingPercentEncoding ?? String(spaced)
            }
            values[decoded[0]] = decoded.count > 1 ? decoded[1] : ""
        }
        self.values = values
    }

    /// A text; `nil` if the parameter isn't there.
    package subscript(_ name: String) -> String? { values[name] }

    /// A whole number.
    ///
    /// - Parameters:
    ///   - name: The parameter.
    ///   - range: The numbers that it may be.
    /// - Returns: The number; `nil` if the parameter isn't there.
    /// - Throws: ``Problem`` of kind `web.request-refused` where it is something else.
    package func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(
                .requestRefused,
                "\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound).",
                field: name
            )
        }
        return number
    }

    /// Whether something is wanted; not if the parameter isn't there.
    ///
    /// - Throws: ``Problem`` of kind `web.request-refused` for anything but `true` and `false`.
    package func flag(_ name: String) throws -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "true": return true
        default: throw Problem(.requestRefused, "\(name) is either true or false.", field: name)
        }
    }
}
