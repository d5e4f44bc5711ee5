// SPDX-License-Identifier: Apache-2.0

extension IDIndex {
    /// The number of keys whose cache lines are asked for before the first is read.
    static let overlap = 256

    /// The entry of a key.
    ///
    /// - Parameter key: The key of an ID.
    /// - Returns: The entry; none if the key stands for no profile.
    package func lookup(_ key: IDKey) -> Entry? {
        let table = Table(self)
        let entry = table.find(key, from: table.home(of: key))
        return entry.isFound ? entry : nil
    }

    /// The entries of many keys, with the memory reads of many keys overlapped.
    ///
    /// - Parameters:
    ///   - keys: The keys of IDs.
    ///   - entries: Room for as many entries; ``Entry/none`` where a key stands for no profile.
    package func lookup(_ keys: UnsafeBufferPointer<IDKey>, into entries: UnsafeMutableBufferPointer<Entry>) {
        precondition(entries.count >= keys.count, "room for an entry for each key")
        guard let source = keys.baseAddress, let target = entries.baseAddress else { return }
        let table = Table(self)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.overlap * 2) { room in
            guard let homes = room.baseAddress else { return }
            var start = 0
            while start < keys.count {
                let count = min(keys.count &- start, Self.overlap)
                table.touch(source + start, count, homes)
                table.find(source + start, count, homes, pending: homes + Self.overlap, into: target + start)
                start &+= count
            }
        }
    }

    /// The profile numbers of an entry, the most recently inserted first.
    ///
    /// - Parameter entry: An entry of this index that was found.
    /// - Returns: One or more numbers without duplicates.
    package func numbers(of entry: Entry) -> [ProfileNumber] {
        guard entry.isFound else { return [] }
        if let number = entry.number { return [number] }
        return PostingList(self, entry.value).numbers.reversed()
    }

    /// The profile numbers of a key, the most recently inserted first.
    ///
    /// - Parameter key: The key of an ID.
    /// - Returns: The numbers without duplicates; none if the key stands for no profile.
    package func numbers(of key: IDKey) -> [ProfileNumber] { lookup(key).map { numbers(of: $0) } ?? [] }

    /// The profile number of an entry that was inserted last.
    ///
    /// - Parameter entry: An entry of this index that was found.
    /// - Returns: The number.
    package func latestNumber(of entry: Entry) -> ProfileNumber {
        entry.number ?? PostingList(self, entry.value).numbers.last ?? 0
    }

    /// The buckets as plain pointers, for loops.
    struct Table {
        let base: UnsafeMutableRawPointer
        let bucketCount: UInt64
        let salt: UInt64

        @inline(__always)
        init(_ index: IDIndex) {
            self.init(base: index.buckets, bucketCount: index.header.bucketCount, salt: index.salt)
        }

        @inline(__always)
        init(base: UnsafeMutableRawPointer, bucketCount: UInt64, salt: UInt64) {
            self.base = base
            self.bucketCount = bucketCount
            self.salt = salt
        }

        @inline(__always)
        func home(of key: IDKey) -> Int { IDIndex.home(of: key, salt: salt, bucketCount: bucketCount) }

        @inline(__always)
        func bucket(_ number: Int) -> UnsafeMutableRawPointer { base + number &* IDIndex.bucketByteCount }

        @inline(__always)
        func next(_ number: Int) -> Int { number &+ 1 == Int(bucketCount) ? 0 : number &+ 1 }

        /// Notes the home buckets of keys and reads one word of each, all independent of each other, so that the
        /// processor waits for many at once.
        @inline(__always)
        func touch(_ keys: UnsafePointer<IDKey>, _ count: Int, _ homes: UnsafeMutablePointer<UInt32>) {
            var seen: UInt32 = 0
            for offset in 0..<count {
                let home = home(of: keys[offset])
                homes[offset] = UInt32(truncatingIfNeeded: home)
                seen |= bucket(home).load(fromByteOffset: 60, as: UInt32.self)
            }
            // The spare word is always 0; the test keeps the reads in the program.
            if seen == .max { homes[0] = 0 }
        }

        /// Looks for a key from its home bucket on.
        @inline(__always)
        func find(_ key: IDKey, from home: Int) -> Entry {
            var number = home
            while true {
                let (entry, goesOn) = probe(key, number)
                guard goesOn else { return entry }
                number = next(number)
            }
        }

        /// Looks for keys whose home buckets were touched.
        ///
        /// Keys that may have spilled into the next bucket wait for another round, in which those are touched first.
        @inline(__always)
        func find(
            _ keys: UnsafePointer<IDKey>,
            _ count: Int,
            _ numbers: UnsafeMutablePointer<UInt32>,
            pending: UnsafeMutablePointer<UInt32>,
            into entries: UnsafeMutablePointer<Entry>
        ) {
            var left = 0
            for offset in 0..<count {
                let (entry, goesOn) = probe(keys[offset], Int(numbers[offset]))
                entries[offset] = entry
                pending[left] = UInt32(truncatingIfNeeded: offset)
                left &+= goesOn ? 1 : 0
            }
            while left > 0 {
                var seen: UInt32 = 0
                for place in 0..<left {
                    let offset = Int(pending[place])
                    let number = next(Int(numbers[offset]))
                    numbers[offset] = UInt32(truncatingIfNeeded: number)
                    seen |= bucket(number).load(fromByteOffset: 60, as: UInt32.self)
                }
                // As in `touch`.
                if seen == .max { return }
                var stillLeft = 0
                for place in 0..<left {
                    let offset = Int(pending[place])
                    let (entry, goesOn) = probe(keys[offset], Int(numbers[offset]))
                    entries[offset] = entry
                    pending[stillLeft] = UInt32(truncatingIfNeeded: offset)
                    stillLeft &+= goesOn ? 1 : 0
                }
                left = stillLeft
            }
        }

        /// Looks for a key in one bucket; it can only be in the next if this one is full.
        @inline(__always)
        private func probe(_ key: IDKey, _ number: Int) -> (entry: Entry, goesOn: Bool) {
            let bucket = bucket(number)
            let slot = IDIndex.slot(of: key, in: bucket)
            // The word of slot 3 is the spare one, which is 0 as for an empty slot.
            let stored = bucket.load(fromByteOffset: 48 &+ slot &* 4, as: UInt32.self)
            let isFull = bucket.load(fromByteOffset: 56, as: UInt32.self) != 0
            let position = UInt32(truncatingIfNeeded: number &* IDIndex.slotsPerBucket &+ slot)
            return (Entry(position: stored == 0 ? .max : position, value: ~stored), stored == 0 && isFull)
        }

        /// Reads one word of the next bucket of each full one.
        @inline(__always)
        func touchSpills(_ count: Int, _ homes: UnsafePointer<UInt32>) -> Bool {
            var seen: UInt32 = 0
            for offset in 0..<count {
                let home = Int(homes[offset])
                let isFull = bucket(home).load(fromByteOffset: 56, as: UInt32.self) != 0
                seen |= bucket(isFull ? next(home) : home).load(fromByteOffset: 60, as: UInt32.self)
            }
            return seen == .max
        }
    }

    /// The slot of a bucket that has a key, 3 if none has.
    ///
    /// Worked out without branches: which slot it is can't be predicted, and a wrong guess costs as much as the rest.
    @inline(__always)
    static func slot(of key: IDKey, in bucket: UnsafeMutableRawPointer) -> Int {
        let words = bucket.assumingMemoryBound(to: UInt64.self)
        let zero = differs((words[0] ^ key.first) | (words[1] ^ key.second))
        let one = zero & differs((words[2] ^ key.first) | (words[3] ^ key.second))
        let two = one & differs((words[4] ^ key.first) | (words[5] ^ key.second))
        return Int(truncatingIfNeeded: zero &+ one &+ two)
    }

    /// 1 if any bit is set, else 0.
    @inline(__always)
    private static func differs(_ bits: UInt64) -> UInt64 { (bits | (0 &- bits)) &>> 63 }
}
