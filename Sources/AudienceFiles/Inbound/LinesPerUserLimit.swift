// SPDX-License-Identifier: Apache-2.0

/// The count of lines for each user of one inbound file, which shows the lines beyond the limit.
///
/// Users are remembered by 56 bits of a hash under a key of the process, so that nobody can choose IDs that collide;
/// two IDs that do share a count, which changes anything only if they have more lines than the limit together.
/// Each distinct ID takes 11 to 22 bytes, half as much again for a moment while the table grows.
package struct LinesPerUserLimit: Sendable {
    private let limit: UInt64
    /// In each slot the hash in the upper 56 bits and the count, never 0, in the lower 8; 0 is a free slot.
    private var slots: [UInt64]

    /// The number of different IDs seen.
    package private(set) var userCount = 0

    /// A count of nothing yet.
    ///
    /// - Parameter limit: how many lines of one user are taken, 1 to 255.
    package init(limit: Int = LineLimits.linesPerUser) {
        precondition((1...255).contains(limit), "a count has eight bits")
        self.limit = UInt64(limit)
        slots = Array(repeating: 0, count: 1024)
    }

    /// Counts a line of this user and tells whether it is within the limit; one that is not is `excess`.
    package mutating func admit(_ id: UnsafeRawBufferPointer) -> Bool {
        let hash = Self.hash(of: id)
        let slot = slot(of: hash, in: slots)
        let count = slots[slot] & 0xFF
        if count == 0 {
            slots[slot] = hash | 1
            userCount += 1
            if userCount * 4 > slots.count * 3 { grow() }
            return true
        }
        guard count < limit else { return false }
        slots[slot] += 1
        return true
    }

    /// How many lines of this user were admitted.
    package func count(of id: UnsafeRawBufferPointer) -> Int {
        userCount == 0 ? 0 : Int(slots[slot(of: Self.hash(of: id), in: slots)] & 0xFF)
    }

    private static func hash(of id: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: id)
        return UInt64(truncatingIfNeeded: hasher.finalize()) & ~0xFF
    }

    private func slot(of hash: UInt64, in slots: [UInt64]) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 8) & mask
        while slots[slot] != 0, slots[slot] & ~0xFF != hash { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        for entry in slots where entry != 0 {
            larger[slot(of: entry & ~0xFF, in: larger)] = entry
        }
        slots = larger
    }
}
