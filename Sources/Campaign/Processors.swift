// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The processors that work in batches is spread over.
enum Processors {
    /// How many there are, at least one.
    static let count = max(1, ProcessInfo.processInfo.activeProcessorCount)
}
