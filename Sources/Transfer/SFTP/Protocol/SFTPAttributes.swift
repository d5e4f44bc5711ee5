// SPDX-License-Identifier: Apache-2.0

/// What a server says about a file (draft-ietf-secsh-filexfer-02, section 5); each part may be missing.
struct SFTPAttributes: Hashable, Sendable {
    /// The size in bytes.
    var size: Int?

    /// The kind of file and its mode, as in `st_mode`.
    var permissions: UInt32?

    /// When the file was last changed, in seconds since 1970-01-01 UTC.
    var modifiedSeconds: UInt32?

    /// Which parts a packet has.
    struct Flags: OptionSet {
        let rawValue: UInt32
        static let size = Flags(rawValue: 0x01)
        static let owner = Flags(rawValue: 0x02)
        static let permissions = Flags(rawValue: 0x04)
        static let times = Flags(rawValue: 0x08)
        static let extended = Flags(rawValue: 0x8000_0000)
    }

    /// What kind of file it is.
    enum Kind {
        case file
        case folder
        case other
    }

    /// The kind of file, nothing where the server does not say.
    var kind: Kind? {
        guard let permissions, permissions & 0o170_000 != 0 else { return nil }
        return switch permissions & 0o170_000 {
        case 0o100_000: .file
        case 0o040_000: .folder
        default: .other
        }
    }

    /// When the file was last changed, in nanoseconds since 1970-01-01 UTC, zero where the server does not say.
    var modifiedNanoseconds: Int { Int(modifiedSeconds ?? 0) * 1_000_000_000 }

    init() {}

    /// Reads the attributes at the beginning of a packet's rest.
    init?(_ packet: inout SFTPFields) {
        guard let flags = packet.number32().map(Flags.init) else { return nil }
        if flags.contains(.size) {
            guard let size = packet.number64().flatMap(Int.init(exactly:)) else { return nil }
            self.size = size
        }
        if flags.contains(.owner) {
            guard packet.number64() != nil else { return nil }
        }
        if flags.contains(.permissions) {
            guard let permissions = packet.number32() else { return nil }
            self.permissions = permissions
        }
        if flags.contains(.times) {
            guard packet.number32() != nil, let seconds = packet.number32() else { return nil }
            modifiedSeconds = seconds
        }
        if flags.contains(.extended) {
            guard let count = packet.number32() else { return nil }
            for _ in 0..<count {
                guard packet.string() != nil, packet.string() != nil else { return nil }
            }
        }
    }
}
