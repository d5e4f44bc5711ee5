// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Problems

/// A method that a path does not know.
struct RefusedMethod: Error {
    /// The methods that it knows.
    let allowed: [HTTPRequest.Method]

    /// The answer: 405 with the header `Allow` (RFC 9110, 15.5.6).
    var response: Response {
        let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return Problem(.methodRefused, "This path knows \(names).").response([.allow: names])
    }
}

extension HTTPRequest.Method {
    /// A search whose terms are in its body; no path here knows it.
    fileprivate static var query: Self { HTTPRequest.Method("QUERY") ?? .options }
}

extension Router where Context == Visit {
    /// Lets every path that has routes refuse the methods that it has none for; to be called behind the last route.
    package func refuseOtherMethods() {
        var known: [String: (path: RouterPath, methods: Set<HTTPRequest.Method>)] = [:]
        for route in routes {
            known[route.path.description, default: (route.path, [])].methods.insert(route.method)
        }
        let all: Set<HTTPRequest.Method> = [
            .get, .head, .post, .put, .patch, .delete, .options, .trace, .query,
        ]
        for (path, methods) in known.values {
            let allowed = methods.contains(.get) ? methods.union([.head]) : methods
            let refused = RefusedMethod(allowed: Array(allowed))
            for method in all where !allowed.contains(method) {
                on(path, method: method) { _, _ -> Response in throw refused }
            }
        }
    }
}
