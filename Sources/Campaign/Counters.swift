// SPDX-License-Identifier: Apache-2.0

import Storage

extension Counter {
    /// The number of the newest profile.
    static let profile = Counter("profile")
    /// How many profiles there are.
    static let profiles = Counter("profiles")
    /// How often profiles or their visitor links were changed.
    static let change = Counter("change")
    /// The number of the newest audience.
    static let audience = Counter("audience")
    /// The number of the newest receipt.
    static let receipt = Counter("receipt")
    /// The number of the newest segment that was made here.
    static let segment = Counter("segment")
    /// The newest moment in the names of exported files, in seconds since 1970.
    static let export = Counter("export")
}
