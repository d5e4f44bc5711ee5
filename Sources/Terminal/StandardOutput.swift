// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Standard output for bytes that aren't text; keeps its order with what is printed.
package enum StandardOutput {
    /// Writes bytes.
    ///
    /// - Parameter data: Any bytes.
    /// - Throws: What the system answers when nobody reads on, or the disk is full.
    package static func write(_ data: Data) throws {
        // What was printed before goes first.
        fflush(nil)
        try FileHandle.standardOutput.write(contentsOf: data)
    }
}
