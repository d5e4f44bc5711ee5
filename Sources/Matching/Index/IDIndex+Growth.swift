// SPDX-License-Identifier: Apache-2.0

extension IDIndex {
    /// Writes all entries into a new file with this many buckets, without abandoned lists, and takes its name.
    ///
    /// Buckets are visited in the order in which they are filled, so memory is read and written in one sweep.
    func rebuild(bucketCount: Int) throws(MatchingError) {
        let unfinished = path + ".growing"
        do {
            let live = Int(header.postingUsed - header.postingAbandoned)
            var fresh = header
            fresh.bucketCount = UInt64(bucketCount)
            fresh.postingCapacity = UInt64((live + max(1024, live / 2) + 1023) / 1024 * 1024)
            fresh.postingUsed = 0
            fresh.postingAbandoned = 0
            let target = try MappedFile(
                path: unfinished,
                creatingByteCount: fresh.fileByteCount,
                writable: true
            )
            move(into: target, &fresh)
            fresh.write(to: target.base)
            try target.flush()
            try MappedFile.rename(unfinished, to: path)
            file = target
            header = fresh
        } catch {
            MappedFile.remove(unfinished)
            throw error
        }
    }

    private func move(into target: MappedFile, _ fresh: inout IDIndexHeader) {
        let table = Table(self)
        let freshTable = Table(
            base: target.base + IDIndexHeader.byteCount,
            bucketCount: fresh.bucketCount,
            salt: salt
        )
        let freshPostings = (freshTable.base + Int(fresh.bucketCount) * Self.bucketByteCount)
            .assumingMemoryBound(to: UInt32.self)
        for number in 0..<Int(header.bucketCount) {
            for slot in 0..<Self.slotsPerBucket {
                let stored = table.stored(number, slot)
                if stored == 0 { break }
                let key = table.key(number, slot)
                var value = ~stored
                if value & Self.listBit != 0 {
                    let list = PostingList(self, value)
                    value = UInt32(fresh.postingUsed) | Self.listBit
                    let words = list.capacity + PostingList.headWords
                    (freshPostings + Int(fresh.postingUsed)).update(from: list.words, count: words)
                    fresh.postingUsed += UInt64(words)
                }
                freshTable.place(key, stored: ~value, from: freshTable.home(of: key))
            }
        }
    }
}
