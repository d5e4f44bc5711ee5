// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Storage

@testable import Campaign

/// The import written the naive way: one line after the other, with `String`, dictionaries and sets.
struct ImportReference {
    /// An audience that the lines may fill.
    struct Target {
        let segment: String
        let isOfAddresses: Bool
        var profiles = Set<Int>()
        var addresses = Set<String>()
    }

    /// How a file's lines are written and what they do.
    enum Kind: CaseIterable {
        case full
        case iter
        case sync
        case overwrite

        var isOutbound: Bool { self == .full || self == .iter }
    }

    /// How the IDs are written.
    enum Form {
        case visitor
        case plain
        case hash(DigestAlgorithm)
        case cipher(CipherKey, isAddress: Bool)
    }

    let form: Form
    let normalize: [String]
    /// The profiles of each canonical ID.
    var owners: [String: Set<Int>] = [:]
    var optedOut = Set<Int>()
    var targets: [Target]

    init(_ form: Form, normalize: [String], targets: [Target]) {
        self.form = form
        self.normalize = normalize
        self.targets = targets
    }

    /// Tells whose ID a field's value stands for.
    mutating func add(_ profile: Int, _ value: String) throws {
        guard !value.isEmpty else { return }
        switch form {
        case .hash(let algorithm):
            owners[try TestFiles.hex(algorithm, normalized(value)), default: []].insert(profile)
        default:
            owners[normalized(value), default: []].insert(profile)
        }
    }

    /// Imports a file.
    ///
    /// - Returns: The state of each line.
    mutating func run(_ text: [[UInt8]], _ kind: Kind) throws -> [LineState] {
        if kind == .full {
            for position in targets.indices {
                targets[position].profiles = []
                targets[position].addresses = []
            }
        }
        var seen = Set<String>()
        var linesOfUser: [String: Int] = [:]
        return text.map { bytes in
            guard let line = kind.isOutbound ? Self.outbound(bytes) : Self.inbound(bytes) else {
                return .malformed
            }
            let changes = line.changes.flatMap { change in
                targets.indices.filter { Self.isSame(targets[$0].segment, change.segment) }
                    .map { (target: $0, isRemoval: change.isRemoval) }
            }
            guard !changes.isEmpty else { return .notRequested }
            guard let id = canonical(line.id) else { return .malformed }
            guard let id else { return .undecryptable }
            guard let people = owners[id] else {
                return stranger(id, changes, kind, &seen)
            }
            if !kind.isOutbound {
                linesOfUser[id, default: 0] += 1
                guard linesOfUser[id, default: 0] <= 200 else { return .excess }
            }
            let members = people.subtracting(optedOut)
            guard !members.isEmpty else { return .suppressed }
            let isNew = seen.insert(id).inserted
            if kind == .overwrite, isNew {
                for position in targets.indices { targets[position].profiles.subtract(members) }
            }
            for change in changes { apply(change.target, change.isRemoval, members, id, kind) }
            return isNew ? .matched : .duplicate
        }
    }

    private mutating func apply(
        _ target: Int,
        _ isRemoval: Bool,
        _ members: Set<Int>,
        _ id: String,
        _ kind: Kind
    ) {
        guard !isRemoval || kind != .full else { return }
        switch (targets[target].isOfAddresses, isRemoval) {
        case (false, false): targets[target].profiles.formUnion(members)
        case (false, true): targets[target].profiles.subtract(members)
        case (true, false): targets[target].addresses.insert(id)
        case (true, true): targets[target].addresses.remove(id)
        }
    }

    private mutating func stranger(
        _ id: String,
        _ changes: [(target: Int, isRemoval: Bool)],
        _ kind: Kind,
        _ seen: inout Set<String>
    ) -> LineState {
        let kept = changes.filter { targets[$0.target].isOfAddresses }
        guard !kept.isEmpty else { return .unknown }
        for change in kept { apply(change.target, change.isRemoval, [], id, kind) }
        return seen.insert(id).inserted ? .matched : .duplicate
    }

    // Lines

    private typealias Line = (id: [UInt8], changes: [(segment: String, isRemoval: Bool)])

    private static func outbound(_ bytes: [UInt8]) -> Line? {
        guard !bytes.isEmpty, bytes.count <= 102_400, !bytes.contains(0) else { return nil }
        let separator: UInt8 = bytes.contains(0x09) ? 0x09 : 0x20
        let fields = bytes.split(separator: separator, omittingEmptySubsequences: false).map(Array.init)
        guard fields.count == 2 || fields.count == 3, !fields[0].isEmpty else { return nil }
        guard !fields[1].isEmpty || fields.count == 3 && !fields[2].isEmpty else { return nil }
        guard String(validating: fields[0], as: UTF8.self) != nil else { return nil }
        var changes: [(segment: String, isRemoval: Bool)] = []
        for (position, field) in fields.dropFirst().enumerated() where !field.isEmpty {
            guard let text = String(validating: field, as: UTF8.self) else { return nil }
            for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
                let segment = entry.trimmingCharacters(in: CharacterSet(charactersIn: " "))
                guard !segment.isEmpty,
                    segment.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 })
                else { return nil }
                changes.append((segment, position == 1))
            }
        }
        return (fields[0], changes)
    }

    private static func inbound(_ bytes: [UInt8]) -> Line? {
        guard !bytes.isEmpty, bytes.count <= 102_400, !bytes.contains(0) else { return nil }
        let fields = bytes.split(separator: 0x09, omittingEmptySubsequences: false).map(Array.init)
        guard fields.count == 2, !fields[0].isEmpty, !fields[1].isEmpty else { return nil }
        guard let id = String(validating: fields[0], as: UTF8.self), !id.contains(":"),
            !id.lowercased().contains("%3a"), let text = String(validating: fields[1], as: UTF8.self)
        else { return nil }
        var changes: [(segment: String, isRemoval: Bool)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let signal = part.trimmingCharacters(in: CharacterSet(charactersIn: " "))
            if let match = signal.wholeMatch(of: /d_sid\s*=\s*(\d+)/) {
                changes.append((String(match.1), false))
            } else if let match = signal.wholeMatch(of: /d_unsid\s*=\s*(\d+)/) {
                changes.append((String(match.1), true))
            } else if let match = signal.wholeMatch(of: /(\d+):(?:0|-1)/) {
                changes.append((String(match.1), true))
            } else if signal.wholeMatch(of: /\d+|ic=\w+|[a-z]+=[a-z]*/) == nil || signal.hasPrefix("d_") {
                return nil
            }
        }
        return (fields[0], changes)
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        if let first = UInt64(one), let second = UInt64(other) { return first == second }
        return one == other
    }

    // IDs

    /// The canonical ID: `nil` for a malformed one, `.some(nil)` for one that can't be decrypted.
    private func canonical(_ id: [UInt8]) -> String?? {
        let text = String(decoding: id, as: UTF8.self)
        switch form {
        case .visitor:
            guard text.wholeMatch(of: /[0-9]{38}/) != nil else { return nil }
            return .some(text)
        case .plain:
            let value = normalized(text)
            guard !value.isEmpty, value.utf8.count <= 1_024, !value.contains(":"),
                !value.lowercased().contains("%3a"),
                value.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
            else { return nil }
            return .some(value)
        case .hash(let algorithm):
            guard let bytes = Self.bytes(text), bytes.count == algorithm.byteCount else { return nil }
            return .some(HexText.string(bytes))
        case .cipher(let key, let isAddress):
            guard let bytes = Self.bytes(text), !bytes.isEmpty, bytes.count % 16 == 0 else { return nil }
            guard let plain = Self.decrypted(bytes, key) else { return .some(nil) }
            guard let value = String(validating: plain, as: UTF8.self).map(normalized), !value.isEmpty,
                value.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
            else { return .some(nil) }
            guard
                !isAddress || value.wholeMatch(of: /[a-zA-Z0-9._+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+/) != nil
            else { return .some(nil) }
            return .some(value)
        }
    }

    private func normalized(_ text: String) -> String {
        normalize.reduce(text) { text, step in
            step == "trim" ? text.trimmingCharacters(in: .whitespacesAndNewlines) : text.lowercased()
        }
    }

    private static func decrypted(_ bytes: [UInt8], _ key: CipherKey) -> [UInt8]? {
        var text = [UInt8](repeating: 0, count: bytes.count)
        var length: Int32 = 0
        let isDone = bytes.withUnsafeBytes { message in
            [UInt32(bytes.count)].withUnsafeBufferPointer { lengths in
                text.withUnsafeMutableBytes { room in
                    guard let base = room.baseAddress else { return false }
                    let result: Void? = try? BatchCipher(key)
                        .decrypt(message, lengths: lengths, into: base, textLengths: &length)
                    return result != nil
                }
            }
        }
        return isDone && length >= 0 ? Array(text.prefix(Int(length))) : nil
    }

    /// Hexadecimal in either case, else base64 in either alphabet.
    private static func bytes(_ text: String) -> [UInt8]? {
        if text.utf8.count % 2 == 0, text.wholeMatch(of: /[0-9a-fA-F]+/) != nil {
            var rest = text[...]
            var bytes: [UInt8] = []
            while !rest.isEmpty {
                guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            }
            return bytes
        }
        let standard = text.replacing("-", with: "+").replacing("_", with: "/").replacing("=", with: "")
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return Data(base64Encoded: standard + padding).map(Array.init)
    }
}
