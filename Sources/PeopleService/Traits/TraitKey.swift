// SPDX-License-Identifier: Apache-2.0

/// The key of a signal that a trait rule asks for: `^(?=.*[A-Za-z])[A-Za-z0-9_-]+$` (Audience Manager, "key name
/// requirements").
package struct TraitKey: Sendable, Hashable {
    /// The key under which integration codes come: `ic=52`, or the bare number `52`.
    package static let integrationCode = TraitKey(name: "ic")

    /// The name in lower case, without hyphens in front, which inbound lines ignore too.
    package let name: String

    private init(name: String) {
        self.name = name
    }

    /// The key with this name; nil when no key can have it.
    package init?(_ written: String) {
        let isName = written.utf8.allSatisfy { byte in
            Self.isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
        }
        guard isName, written.utf8.contains(where: Self.isLetter) else { return nil }
        name = String(written.lowercased().drop { $0 == "-" })
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
