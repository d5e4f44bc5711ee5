// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Problems

/// A request on its way through the program: who makes it, and the conventions of its JSON.
package struct Visit: RequestContext {
    /// The largest body of a request, in bytes; a larger one is refused with 413.
    package static let largestBody = 1 << 20

    package var coreContext: CoreRequestContextStorage

    /// The token that the request came with; `nil` where none is asked for.
    package var token: APIToken?

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    package var maxUploadSize: Int { Self.largestBody }

    package var requestDecoder: JSONDecoder { JSONDecoder() }

    /// A number in the path, like that of a segment.
    ///
    /// - Parameter name: The name of the path's variable.
    /// - Returns: The number, 0 or more.
    /// - Throws: ``Problem`` of kind `web.request-refused` where it is none.
    package func number(_ name: String) throws -> Int {
        guard let text = parameters.get(name), let number = Int(text), number >= 0, number <= Int32.max else {
            throw Problem(.requestRefused, "The path has no whole number where \(name) stands.", field: name)
        }
        return number
    }
}
