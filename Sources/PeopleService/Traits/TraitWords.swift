// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Numbers for words, found from bytes without making a string.
///
/// A word is some bytes within a group; equal bytes in different groups are different words.
struct TraitWords: Sendable {
    private struct Word {
        let hash: UInt64
        let group: Int32
        let start: Int
        let count: Int
    }

    private var words: [Word] = []
    private var bytes: [UInt8] = []
    private var slots = [Int32](repeating: -1, count: 64)

    /// How many words there are; their numbers count from 0.
    var count: Int { words.count }

    /// The number of a word, which is added if it is new.
    mutating func number(of word: [UInt8], group: Int32 = 0) -> Int32 {
        word.withUnsafeBytes { word in
            let known = find(word, group: group)
            return known >= 0 ? known : add(word, group: group)
        }
    }

    /// The number of a word; -1 if there is no such word.
    func find(_ word: UnsafeRawBufferPointer, group: Int32 = 0) -> Int32 {
        let hash = Self.hash(word, group)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            if isWord(words[Int(slots[slot])], word, group, hash) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return -1
    }

    private func isWord(_ known: Word, _ word: UnsafeRawBufferPointer, _ group: Int32, _ hash: UInt64) -> Bool
    {
        guard known.hash == hash, known.group == group, known.count == word.count else { return false }
        guard let base = word.baseAddress, word.count > 0 else { return true }
        return bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp($0 + known.start, base, word.count) == 0 } ?? false
        }
    }

    private mutating func add(_ word: UnsafeRawBufferPointer, group: Int32) -> Int32 {
        let number = Int32(words.count)
        words.append(
            Word(hash: Self.hash(word, group), group: group, start: bytes.count, count: word.count)
        )
        bytes.append(contentsOf: word)
        if 2 * words.count > slots.count {
            slots = [Int32](repeating: -1, count: 2 * slots.count)
            for known in words.indices { fillSlot(with: Int32(known)) }
        } else {
            fillSlot(with: number)
        }
        return number
    }

    private mutating func fillSlot(with number: Int32) {
        var slot = Int(truncatingIfNeeded: words[Int(number)].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = number
    }

    /// Mixes eight bytes at a time by multiplication and folding.
    private static func hash(_ word: UnsafeRawBufferPointer, _ group: Int32) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: group) &+ 0x9E37_79B9_7F4A_7C15
        var position = 0
        while position + 8 <= word.count {
            mix(word.loadUnaligned(fromByteOffset: position, as: UInt64.self), &state)
            position += 8
        }
        var tail: UInt64 = 0
        while position < word.count {
            tail = tail << 8 | UInt64(word[position])
            position += 1
        }
        mix(tail ^ UInt64(word.count) << 56, &state)
        return state
    }

    private static func mix(_ bytes: UInt64, _ state: inout UInt64) {
        let product = (state ^ bytes).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        state = product.low ^ product.high ^ bytes
    }
}
