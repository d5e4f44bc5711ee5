// SPDX-License-Identifier: Apache-2.0

import Storage

extension Counter {
    /// How many IDs were ever met.
    static let id = Counter("id")
    /// The newest number of a trait or a segment.
    static let sid = Counter("sid")
    /// The number of the newest destination.
    static let destination = Counter("destination")
    /// The number of the newest folder.
    static let folder = Counter("folder")
    /// The number of the newest receipt.
    static let receipt = Counter("receipt")
    /// How often anything changed that files may have to tell.
    static let change = Counter("change")
    /// The newest moment in the names of outbound files, in milliseconds since 1970.
    static let export = Counter("export")
}
