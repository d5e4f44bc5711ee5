// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

extension IDIndex {
    /// Compares every byte of the index with the sums in its header, on all processors.
    ///
    /// - Throws: ``MatchingError/indexDamaged``.
    /// - Complexity: One pass over the file, at about the speed of memory.
    package func verify() throws(MatchingError) {
        let buckets = Int(header.bucketCount)
        let parts = min(16, buckets / 4096 + 1)
        let total = Mutex(Tally())
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let tally = self.tally(of: buckets * part / parts..<buckets * (part + 1) / parts, Table(self))
            total.withLock { $0.add(tally) }
        }
        let found = total.withLock { $0 }
        guard found.isSound, found.checksum == header.checksum, found.keyCount == header.keyCount,
            found.pairCount == header.pairCount, postingsAreSound(found)
        else { throw .indexDamaged }
    }

    /// The sums over some buckets.
    private struct Tally {
        var checksum: UInt64 = 0
        var keyCount: UInt64 = 0
        var pairCount: UInt64 = 0
        var listCount: UInt64 = 0
        /// The sum over the places of lists that entries point to, so that no two may point to the same.
        var listPlaces: UInt64 = 0
        var isSound = true

        mutating func add(_ other: Tally) {
            checksum &+= other.checksum
            keyCount += other.keyCount
            pairCount += other.pairCount
            listCount += other.listCount
            listPlaces &+= other.listPlaces
            isSound = isSound && other.isSound
        }
    }

    private func tally(of numbers: Range<Int>, _ table: Table) -> Tally {
        var tally = Tally()
        var checksum: UInt64 = 0
        var keys: UInt64 = 0
        var stray: UInt64 = 0
        for number in numbers {
            let bucket = table.bucket(number)
            let words = bucket.assumingMemoryBound(to: UInt64.self)
            var isAfterGap = false
            for slot in 0..<Self.slotsPerBucket {
                let key = IDKey(first: words[slot &* 2], second: words[slot &* 2 &+ 1])
                let stored = bucket.load(fromByteOffset: 48 &+ slot &* 4, as: UInt32.self)
                if stored == 0 {
                    stray |= key.first | key.second
                    isAfterGap = true
                    continue
                }
                if isAfterGap { stray |= 1 }
                keys &+= 1
                let value = ~stored
                if value & Self.listBit == 0 {
                    checksum &+= Checksum.term(key, value, rank: 0)
                } else {
                    add(listAt: value, key, to: &tally)
                }
            }
            stray |= UInt64(bucket.load(fromByteOffset: 60, as: UInt32.self))
        }
        tally.checksum &+= checksum
        tally.keyCount = keys
        tally.pairCount += keys - tally.listCount
        tally.isSound = tally.isSound && stray == 0
        return tally
    }

    private func add(listAt value: UInt32, _ key: IDKey, to tally: inout Tally) {
        let start = UInt64(value & ~Self.listBit)
        tally.listCount += 1
        tally.listPlaces &+= Checksum.term(ofPlace: start)
        guard start + UInt64(PostingList.headWords) <= header.postingUsed else {
            tally.isSound = false
            return
        }
        let list = PostingList(self, value)
        guard list.count >= 2, list.count <= list.capacity,
            start + UInt64(PostingList.headWords + list.capacity) <= header.postingUsed
        else {
            tally.isSound = false
            return
        }
        tally.checksum &+= Checksum.sum(key, list.numbers)
        tally.pairCount += UInt64(list.count)
    }

    /// Whether the posting lists follow each other without gaps, with zeros where nothing is.
    private func postingsAreSound(_ tally: Tally) -> Bool {
        let words = postings
        let used = Int(header.postingUsed)
        var place = 0
        var live: UInt64 = 0
        var places: UInt64 = 0
        var abandoned = 0
        while place < used {
            guard place + PostingList.headWords <= used else { return false }
            let capacity = Int(words[place])
            let count = Int(words[place + 1])
            let end = place + PostingList.headWords + capacity
            guard capacity >= PostingList.smallestCapacity, capacity & (capacity - 1) == 0, count <= capacity,
                end <= used
            else { return false }
            for unused in place + PostingList.headWords + count..<end where words[unused] != 0 {
                return false
            }
            if count == 0 {
                abandoned += capacity + PostingList.headWords
            } else {
                live += 1
                places &+= Checksum.term(ofPlace: UInt64(place))
            }
            place = end
        }
        for unused in used..<Int(header.postingCapacity) where words[unused] != 0 { return false }
        return live == tally.listCount && places == tally.listPlaces
            && abandoned == Int(header.postingAbandoned)
    }
}
