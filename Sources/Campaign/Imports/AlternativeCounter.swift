// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage

/// Finds out which unknown IDs a normalization would have matched.
final class AlternativeCounter {
    let normalization: Normalization
    private let maker: IDKeyMaker
    private var keys: [IDKey: Int]
    /// Which of the unknown IDs were found.
    private(set) var found = Set<Int>()

    init(_ normalization: Normalization, _ unknown: UnknownIDs, _ secret: IDKeySecret) throws {
        self.normalization = normalization
        let form: IDForm = if case .digest = unknown.rule.form { unknown.rule.form } else { .plain }
        maker = try IDKeyMaker(rule: IDRule(form, normalization: normalization), secret: secret)
        keys = try unknown.keys(under: normalization)
    }

    /// Compares with the value of one profile; each ID counts once.
    func take(_ text: UnsafeRawBufferPointer) throws {
        guard let key = try maker.key(of: text), let id = keys.removeValue(forKey: key) else {
            return
        }
        found.insert(id)
    }
}
