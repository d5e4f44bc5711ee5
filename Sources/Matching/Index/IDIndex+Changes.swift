// SPDX-License-Identifier: Apache-2.0

extension IDIndex {
    /// Notes that an ID stands for a profile; the pair becomes the key's most recent.
    ///
    /// Doing it again changes nothing.
    ///
    /// - Parameters:
    ///   - key: The key of the ID.
    ///   - number: The profile, at most ``largestNumber``.
    /// - Throws: ``MatchingError/numberTooLarge(_:)``, or what growing the file throws.
    package func insert(_ key: IDKey, _ number: ProfileNumber) throws(MatchingError) {
        try prepare(for: 1)
        try insert(key, number, from: Table(self).home(of: key))
        header.write(to: file.base)
    }

    /// Makes room for more keys at once, so that noting them one after the other need not grow the file again and again.
    ///
    /// - Parameter count: How many keys will come that are not there yet.
    /// - Throws: What growing the file throws.
    package func reserve(_ count: Int) throws(MatchingError) {
        try prepare(for: count)
    }

    /// Notes many pairs in order, with the memory reads of many keys overlapped.
    ///
    /// - Parameters:
    ///   - keys: The keys of the IDs.
    ///   - numbers: As many profiles, each at most ``largestNumber``.
    /// - Throws: ``MatchingError/numberTooLarge(_:)``, or what growing the file throws; the pairs before are in.
    package func insert(
        keys: UnsafeBufferPointer<IDKey>,
        numbers: UnsafeBufferPointer<ProfileNumber>
    ) throws(MatchingError) {
        precondition(keys.count == numbers.count, "a number for each key")
        guard let source = keys.baseAddress else { return }
        var homes = [UInt32](repeating: 0, count: Self.overlap)
        defer { if file.isWritable { header.write(to: file.base) } }
        var start = 0
        while start < keys.count {
            let count = min(keys.count - start, Self.overlap)
            try prepare(for: count)
            let bucketCount = header.bucketCount
            homes.withUnsafeMutableBufferPointer { homes in
                guard let homes = homes.baseAddress else { return }
                let table = Table(self)
                table.touch(source + start, count, homes)
                // As in `touch`, the answer keeps the reads in the program.
                if table.touchSpills(count, homes) { homes[0] = 0 }
            }
            for offset in start..<start + count {
                // A rebuild for posting lists keeps the number of buckets, so the homes stay right.
                assert(bucketCount == header.bucketCount)
                try insert(keys[offset], numbers[offset], from: Int(homes[offset - start]))
            }
            start += count
        }
    }

    /// Notes that an ID no longer stands for a profile.
    ///
    /// Doing it again changes nothing.
    ///
    /// - Parameters:
    ///   - key: The key of the ID.
    ///   - number: The profile.
    /// - Throws: ``MatchingError/indexReadOnly``.
    package func remove(_ key: IDKey, _ number: ProfileNumber) throws(MatchingError) {
        guard file.isWritable else { throw .indexReadOnly }
        guard let entry = lookup(key) else { return }
        if let only = entry.number {
            guard only == number else { return }
            header.checksum &-= Checksum.term(key, number, rank: 0)
            header.keyCount -= 1
            header.pairCount -= 1
            vacate(entry.position)
        } else {
            try removeFromList(key, number, entry)
        }
        header.write(to: file.base)
    }

    /// Makes sure that the file may be written and has room for more keys.
    private func prepare(for more: Int) throws(MatchingError) {
        guard file.isWritable else { throw .indexReadOnly }
        guard count + more > growthLimit else { return }
        let buckets = max(Int(header.bucketCount) * 3 / 2, (count + more) / 2 + 8)
        guard buckets <= Self.largestBucketCount else { throw .indexFull(limit: growthLimit) }
        try rebuild(bucketCount: buckets)
    }

    @inline(__always)
    private func insert(_ key: IDKey, _ number: ProfileNumber, from home: Int) throws(MatchingError) {
        guard number <= Self.largestNumber else { throw .numberTooLarge(number) }
        let table = Table(self)
        let entry = table.find(key, from: home)
        if !entry.isFound {
            table.place(key, stored: ~number, from: home)
            header.checksum &+= Checksum.term(key, number, rank: 0)
            header.keyCount &+= 1
            header.pairCount &+= 1
        } else if entry.value != number {
            try insertAgain(key, number, entry)
        }
    }

    /// Inserts another number under a key that stands for at least one.
    @inline(never)
    private func insertAgain(_ key: IDKey, _ number: ProfileNumber, _ entry: Entry) throws(MatchingError) {
        var value = entry.value
        if let first = entry.number {
            value = try makeList(of: [first], capacity: PostingList.smallestCapacity)
            store(value, at: Table(self), key)
        }
        var list = PostingList(self, value)
        if let place = list.place(of: number) {
            if place == list.count - 1 { return }
            header.checksum &-= Checksum.sum(key, list.numbers)
            list.remove(at: place)
            list.append(number)
            header.checksum &+= Checksum.sum(key, list.numbers)
            return
        }
        if list.count == list.capacity {
            let larger = try makeList(of: Array(list.numbers), capacity: list.capacity * 2)
            // Making room may have moved everything, so the old list is looked up again.
            let old = PostingList(self, lookup(key)?.value ?? value)
            header.postingAbandoned += UInt64(old.capacity + PostingList.headWords)
            old.abandon()
            store(larger, at: Table(self), key)
            list = PostingList(self, larger)
        }
        header.checksum &+= Checksum.term(key, number, rank: list.count)
        header.pairCount += 1
        list.append(number)
    }

    private func removeFromList(
        _ key: IDKey,
        _ number: ProfileNumber,
        _ entry: Entry
    ) throws(MatchingError) {
        let list = PostingList(self, entry.value)
        guard let place = list.place(of: number) else { return }
        header.checksum &-= Checksum.sum(key, list.numbers)
        list.remove(at: place)
        header.checksum &+= Checksum.sum(key, list.numbers)
        header.pairCount -= 1
        if list.count == 1 {
            let last = list.numbers[0]
            header.postingAbandoned += UInt64(list.capacity + PostingList.headWords)
            list.abandon()
            store(last, at: Table(self), key)
        }
    }

    /// Gives a key that is there another value.
    private func store(_ value: UInt32, at table: Table, _ key: IDKey) {
        let position = Int(table.find(key, from: table.home(of: key)).position)
        let bucket = table.bucket(position / Self.slotsPerBucket)
        bucket.storeBytes(of: ~value, toByteOffset: 48 + position % Self.slotsPerBucket * 4, as: UInt32.self)
    }

    /// Writes a new posting list and gives the value that points to it.
    private func makeList(of numbers: [ProfileNumber], capacity: Int) throws(MatchingError) -> UInt32 {
        let words = capacity + PostingList.headWords
        if header.postingUsed + UInt64(words) > header.postingCapacity {
            if header.postingAbandoned > header.postingCapacity / 2 {
                try rebuild(bucketCount: Int(header.bucketCount))
            }
            if header.postingUsed + UInt64(words) > header.postingCapacity { try extendPostings(by: words) }
        }
        let value = UInt32(header.postingUsed) | Self.listBit
        let list = PostingList(self, value)
        list.words[0] = UInt32(capacity)
        for number in numbers { list.append(number) }
        header.postingUsed += UInt64(words)
        return value
    }

    private func extendPostings(by words: Int) throws(MatchingError) {
        let larger = header.postingUsed + UInt64(max(words, Int(header.postingCapacity) / 2))
        guard larger < UInt64(Self.listBit) - 1 else { throw .indexFull(limit: Int(Self.listBit)) }
        var grown = header
        grown.postingCapacity = (larger + 1023) / 1024 * 1024
        try file.extend(to: grown.fileByteCount)
        header = grown
        header.write(to: file.base)
    }

    /// Empties a place, and moves entries that had spilled over it back, so that every key is still found.
    private func vacate(_ position: UInt32) {
        let table = Table(self)
        var hole = Int(position) / Self.slotsPerBucket
        var slot = Int(position) % Self.slotsPerBucket
        while true {
            let wasFull = table.isFull(hole)
            table.closeGap(hole, slot)
            guard wasFull else { return }
            // Only entries that passed over the full bucket can be worse off; they end before the next with room.
            guard let stray = table.stray(passing: hole) else { return }
            table.move(from: stray, to: hole)
            (hole, slot) = stray
        }
    }
}

extension IDIndex.Table {
    /// Writes a key that is not there yet into the first free slot from a bucket on.
    @inline(__always)
    func place(_ key: IDKey, stored: UInt32, from home: Int) {
        var number = home
        while true {
            let bucket = bucket(number)
            let words = bucket.assumingMemoryBound(to: UInt32.self) + 12
            if words[2] == 0 {
                let slot = words[0] == 0 ? 0 : words[1] == 0 ? 1 : 2
                bucket.storeBytes(of: key.first, toByteOffset: slot &* 16, as: UInt64.self)
                bucket.storeBytes(of: key.second, toByteOffset: slot &* 16 &+ 8, as: UInt64.self)
                words[slot] = stored
                return
            }
            number = next(number)
        }
    }

    func stored(_ number: Int, _ slot: Int) -> UInt32 {
        bucket(number).load(fromByteOffset: 48 + slot * 4, as: UInt32.self)
    }

    func key(_ number: Int, _ slot: Int) -> IDKey {
        let words = bucket(number).assumingMemoryBound(to: UInt64.self)
        return IDKey(first: words[slot * 2], second: words[slot * 2 + 1])
    }

    func isFull(_ number: Int) -> Bool { stored(number, 2) != 0 }

    /// Empties a slot; a bucket's entries stay at its front.
    func closeGap(_ number: Int, _ slot: Int) {
        let bucket = bucket(number)
        var last = slot
        while last < 2, stored(number, last + 1) != 0 { last += 1 }
        if last != slot {
            let moved = key(number, last)
            write(moved, stored(number, last), to: bucket, slot)
        }
        write(IDKey(first: 0, second: 0), 0, to: bucket, last)
    }

    /// The first entry after a bucket with room that would have been placed there.
    func stray(passing hole: Int) -> (number: Int, slot: Int)? {
        let total = Int(bucketCount)
        var number = next(hole)
        while number != hole {
            let reach = (number - hole + total) % total
            for slot in 0..<IDIndex.slotsPerBucket where stored(number, slot) != 0 {
                let distance = (number - home(of: key(number, slot)) + total) % total
                if distance >= reach { return (number, slot) }
            }
            if !isFull(number) { return nil }
            number = next(number)
        }
        return nil
    }

    /// Copies an entry into the free last slot of a bucket.
    func move(from place: (number: Int, slot: Int), to number: Int) {
        write(key(place.number, place.slot), stored(place.number, place.slot), to: bucket(number), 2)
    }

    private func write(_ key: IDKey, _ stored: UInt32, to bucket: UnsafeMutableRawPointer, _ slot: Int) {
        bucket.storeBytes(of: key.first, toByteOffset: slot * 16, as: UInt64.self)
        bucket.storeBytes(of: key.second, toByteOffset: slot * 16 + 8, as: UInt64.self)
        bucket.storeBytes(of: stored, toByteOffset: 48 + slot * 4, as: UInt32.self)
    }
}
