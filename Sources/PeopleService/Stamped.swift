// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A thing with the times at which it was made and last changed.
struct Stamped<Value: Sendable>: Sendable {
    let value: Value
    /// When it was made, in milliseconds since 1970.
    let created: Int64
    /// When it was last changed, in milliseconds since 1970.
    let changed: Int64

    /// Takes the times from the columns `created` and `changed`.
    init(_ value: Value, _ row: Row?) {
        self.value = value
        created = row?["created"] ?? 0
        changed = row?["changed"] ?? 0
    }
}
