// SPDX-License-Identifier: Apache-2.0

/// The check whether an ID can stand in a line, so that a reader finds it again.
// @unchecked: the table is only written in init.
final class WritableID: @unchecked Sendable {
    private static let bad: UInt8 = 1
    private static let high: UInt8 = 2

    private let kinds: UnsafeMutablePointer<UInt8>

    /// The check for a template in which these bytes follow an ID.
    init(endings: Set<UInt8>) {
        kinds = .allocate(capacity: 256)
        for byte in 0...255 {
            let isBad = byte < 0x20 || byte == 0x7F || endings.contains(UInt8(byte))
            kinds[byte] = isBad ? Self.bad : byte >= 0x80 ? Self.high : 0
        }
    }

    deinit {
        kinds.deallocate()
    }

    /// What is wrong with an ID: empty, an ending or a control character inside, not UTF-8.
    @inline(__always)
    func problem(of id: UnsafeRawBufferPointer) -> LineProblem {
        var kind: UInt8 = 0
        for byte in id { kind |= kinds[Int(byte)] }
        guard kind != 0 || id.isEmpty else { return .none }
        if id.isEmpty { return .emptyID }
        if kind & Self.bad != 0 { return .forbiddenCharacter }
        return UTF8Text.isValid(id) ? .none : .invalidUTF8
    }
}
