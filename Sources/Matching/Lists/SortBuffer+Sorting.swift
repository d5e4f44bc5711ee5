// SPDX-License-Identifier: Apache-2.0

/// Sorting by most significant digits of eight bytes at a time; the same strings stay in the order they came in.
extension SortBuffer {
    private static let insertionCount = 24
    private static let wideCount = 1 << 15

    /// Sorts the entries of a range by their strings; disjoint ranges may be sorted by several threads at once.
    func sort(_ range: Range<Int>) {
        sortKeys(range, bits: 64)
        resolve(range, depth: 0)
    }

    /// Sorts entries by the lowest bits of their keys, the higher ones being the same.
    private func sortKeys(_ range: Range<Int>, bits: Int) {
        guard range.count > Self.insertionCount else { return insert(range) }
        guard bits > 0 else { return }
        let width = range.count >= Self.wideCount && bits >= 16 ? 16 : 8
        let shift = UInt64(bits &- width)
        let mask: UInt64 = 1 &<< UInt64(width) &- 1
        let first = entries[range.lowerBound].key &>> shift & mask
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: Int(mask) + 1) { ends in
            ends.initialize(repeating: 0)
            for place in range { ends[Int(entries[place].key &>> shift & mask)] &+= 1 }
            if Int(ends[Int(first)]) == range.count { return sortKeys(range, bits: bits &- width) }
            scatter(range, ends, shift, mask)
            var start = range.lowerBound
            for end in ends {
                let end = range.lowerBound &+ Int(end)
                if end &- start > 1 { sortKeys(start..<end, bits: bits &- width) }
                start = end
            }
        }
    }

    /// Puts entries in the order of one digit; turns the counts into the ends of the digits' ranges.
    @inline(__always)
    private func scatter(
        _ range: Range<Int>,
        _ counts: UnsafeMutableBufferPointer<Int32>,
        _ shift: UInt64,
        _ mask: UInt64
    ) {
        var start: Int32 = 0
        for digit in counts.indices {
            let count = counts[digit]
            counts[digit] = start
            start &+= count
        }
        let target = scratch + range.lowerBound
        for place in range {
            let digit = Int(entries[place].key &>> shift & mask)
            target[Int(counts[digit])] = entries[place]
            counts[digit] &+= 1
        }
        (entries + range.lowerBound).update(from: target, count: range.count)
    }

    private func insert(_ range: Range<Int>) {
        for place in range.dropFirst() {
            let entry = entries[place]
            var target = place
            while target > range.lowerBound, entries[target &- 1].key > entry.key {
                entries[target] = entries[target &- 1]
                target &-= 1
            }
            entries[target] = entry
        }
    }

    /// Orders entries with the same eight bytes by what follows.
    private func resolve(_ range: Range<Int>, depth: Int) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start &+ 1
            let key = entries[start].key
            while end < range.upperBound, entries[end].key == key { end &+= 1 }
            if end &- start > 1 { resolveSame(start..<end, depth: depth) }
            start = end
        }
    }

    /// Orders entries with the same eight bytes: those that end here by their length, then the others.
    private func resolveSame(_ range: Range<Int>, depth: Int) {
        var counts = InlineCounts()
        for place in range { counts.add(ending(entries[place], depth)) }
        if counts.kinds > 1 {
            counts.makeStarts()
            for place in range {
                let target = counts.place(ending(entries[place], depth))
                scratch[range.lowerBound &+ target] = entries[place]
            }
            (entries + range.lowerBound).update(from: scratch + range.lowerBound, count: range.count)
        }
        let going = (range.upperBound &- counts.goingCount)..<range.upperBound
        guard going.count > 1 else { return }
        let next = depth &+ 8
        for place in going {
            let text = bytes + Int(entries[place].offset)
            entries[place].key = SortedList.prefix(text + next, Int(entries[place].length) &- next)
        }
        sortKeys(going, bits: 64)
        resolve(going, depth: next)
    }

    /// How many of the eight bytes at a depth the string has; 9 if it goes on after them.
    @inline(__always)
    private func ending(_ entry: Entry, _ depth: Int) -> Int {
        min(Int(entry.length) &- depth, 9)
    }
}

/// Ten counts, one for each way in which a string can end in a group of eight bytes.
private struct InlineCounts {
    private var low = SIMD8<Int>(repeating: 0)
    private var high = SIMD2<Int>(repeating: 0)

    /// How many strings go on.
    var goingCount = 0

    /// How many different ways there are.
    var kinds = 0

    @inline(__always)
    mutating func add(_ ending: Int) {
        if self[ending] == 0 { kinds &+= 1 }
        self[ending] &+= 1
        if ending == 9 { goingCount &+= 1 }
    }

    mutating func makeStarts() {
        var start = 0
        for ending in 0..<10 {
            let count = self[ending]
            self[ending] = start
            start &+= count
        }
    }

    @inline(__always)
    mutating func place(_ ending: Int) -> Int {
        let place = self[ending]
        self[ending] = place &+ 1
        return place
    }

    private subscript(ending: Int) -> Int {
        @inline(__always) get { ending < 8 ? low[ending] : high[ending &- 8] }
        @inline(__always) set {
            if ending < 8 { low[ending] = newValue } else { high[ending &- 8] = newValue }
        }
    }
}
