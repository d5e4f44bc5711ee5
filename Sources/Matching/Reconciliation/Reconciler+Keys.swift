// SPDX-License-Identifier: Apache-2.0

extension Reconciler {
    /// Notes the keys of the visitor IDs of a chunk; gives their number.
    func visitorKeys(_ lines: Lines, _ workspace: Workspace) -> Int {
        guard let base = lines.bytes.baseAddress else { return 0 }
        var live = 0
        for line in 0..<lines.count {
            let length = lines.lengths[line]
            guard length == 38 else {
                lines.results[line] = Reconciliation(.malformed, .wrongLength)
                continue
            }
            let offset = lines.offsets[line]
            guard IDRule.isVisitorID(base + Int(offset)) else {
                lines.results[line] = Reconciliation(.malformed, .notDigits)
                continue
            }
            workspace.live[live] = UInt32(truncatingIfNeeded: line)
            workspace.places[live] = (offset, 38)
            live &+= 1
        }
        hash(base, live, byteCount: 38, workspace)
        return live
    }

    /// Notes the keys of the digests of a chunk; gives their number.
    func digestKeys(_ lines: Lines, _ byteCount: Int, _ workspace: Workspace) -> Int {
        workspace.decoded.count = 0
        workspace.decoded.reserve(lines.count &* byteCount)
        let target = workspace.decoded.base
        var live = 0
        for line in 0..<lines.count {
            let reason = TextEncoding.decode(lines.id(line), byteCount, into: target + live &* byteCount)
            if reason != .none {
                lines.results[line] = Reconciliation(.malformed, reason)
                continue
            }
            workspace.live[live] = UInt32(truncatingIfNeeded: line)
            workspace.places[live] = (UInt32(truncatingIfNeeded: live &* byteCount), UInt32(byteCount))
            live &+= 1
        }
        // A constant length lets the compiler unroll the common case.
        if byteCount == 32 {
            hash(target, live, byteCount: 32, workspace)
        } else {
            hash(target, live, byteCount: byteCount, workspace)
        }
        return live
    }

    /// Notes the keys of the plain IDs of a chunk; gives their number.
    func plainKeys(_ lines: Lines, _ workspace: Workspace) -> Int {
        let texts = workspace.texts
        var live = 0
        for line in 0..<lines.count {
            let id = lines.id(line)
            var reason = IDRule.plainReason(id)
            guard reason == .none else {
                lines.results[line] = Reconciliation(.malformed, reason)
                continue
            }
            let place = rule.normalization.append(id, to: texts)
            let text = UnsafeRawBufferPointer(start: texts.base + place.start, count: place.count)
            if place.count == 0 || place.count > 1024 { reason = .wrongLength }
            guard reason == .none, let base = text.baseAddress else {
                lines.results[line] = Reconciliation(.malformed, reason)
                continue
            }
            workspace.live[live] = UInt32(truncatingIfNeeded: line)
            workspace.keys[live] = SipHash.key(base, place.count, secret)
            live &+= 1
        }
        return live
    }

    /// Decrypts the IDs of a chunk and notes the keys of their texts; gives their number.
    func cipherKeys(_ lines: Lines, _ workspace: Workspace) throws(MatchingError) -> Int {
        guard let cipher = workspace.cipher else { return 0 }
        let whole = decodeMessages(lines, workspace)
        guard whole > 0 else { return 0 }
        let decoded = workspace.decoded
        workspace.decrypted.count = 0
        workspace.decrypted.reserve(decoded.count)
        try cipher.decrypt(
            UnsafeRawBufferPointer(start: decoded.base, count: decoded.count),
            lengths: UnsafeBufferPointer(start: workspace.messageLengths, count: whole),
            into: workspace.decrypted.base,
            textLengths: workspace.textLengths
        )
        return textKeys(lines, whole, workspace)
    }

    /// The longest ciphertext that can be one of a text of 1,024 bytes.
    private static var longestMessage: Int { 1040 }

    /// Decodes the ciphertexts of a chunk back to back; gives their number.
    private func decodeMessages(_ lines: Lines, _ workspace: Workspace) -> Int {
        let decoded = workspace.decoded
        decoded.count = 0
        var whole = 0
        for line in 0..<lines.count {
            let id = lines.id(line)
            guard id.count <= Self.longestMessage * 2 + 2 else {
                lines.results[line] = Reconciliation(.malformed, .wrongLength)
                continue
            }
            decoded.reserve(id.count)
            let byteCount = TextEncoding.decodeBlocks(id, into: decoded.base + decoded.count)
            guard byteCount > 0, byteCount <= Self.longestMessage else {
                lines.results[line] = Reconciliation(.malformed, byteCount == -2 ? .notHex : .wrongLength)
                continue
            }
            workspace.live[whole] = UInt32(truncatingIfNeeded: line)
            workspace.messageLengths[whole] = UInt32(truncatingIfNeeded: byteCount)
            decoded.count &+= byteCount
            whole &+= 1
        }
        return whole
    }

    /// Checks, normalizes and hashes decrypted texts; keeps the good ones at the front of the live lines.
    private func textKeys(_ lines: Lines, _ whole: Int, _ workspace: Workspace) -> Int {
        let keepsAddresses = mode != .profiles
        let texts = workspace.texts
        var live = 0
        var start = 0
        for slot in 0..<whole {
            let line = Int(workspace.live[slot])
            let source = workspace.decrypted.base + start
            let length = Int(workspace.textLengths[slot])
            start &+= Int(workspace.messageLengths[slot])
            guard length >= 0 else {
                lines.results[line] = Reconciliation(.undecryptable, .badPadding)
                continue
            }
            guard UTF8Text.isValid(source, count: length) else {
                lines.results[line] = Reconciliation(.undecryptable, .invalidText)
                continue
            }
            let place = rule.normalization.append(
                UnsafeRawBufferPointer(start: source, count: length),
                to: texts
            )
            let text = UnsafeRawBufferPointer(start: texts.base + place.start, count: place.count)
            guard rule.addressForm.accepts(text), let base = text.baseAddress else {
                lines.results[line] = Reconciliation(.undecryptable, .notAnAddress)
                continue
            }
            if keepsAddresses { workspace.keepAddress(at: lines.first &+ line, place) }
            workspace.live[live] = UInt32(truncatingIfNeeded: line)
            if mode != .addresses { workspace.keys[live] = SipHash.key(base, place.count, secret) }
            live &+= 1
        }
        return live
    }

    /// Hashes the canonical bytes of live lines, two at a time.
    @inline(__always)
    private func hash(_ base: UnsafeRawPointer, _ live: Int, byteCount: Int, _ workspace: Workspace) {
        let places = workspace.places
        let keys = workspace.keys
        var slot = 0
        while slot &+ 2 <= live {
            let left = base + Int(places[slot].start)
            let right = base + Int(places[slot &+ 1].start)
            (keys[slot], keys[slot &+ 1]) = SipHash.keys(left, right, byteCount, secret)
            slot &+= 2
        }
        if slot < live { keys[slot] = SipHash.key(base + Int(places[slot].start), byteCount, secret) }
    }
}
