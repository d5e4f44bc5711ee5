// SPDX-License-Identifier: Apache-2.0

import CRoaring

extension MemberSet {
    /// Calls a function with all numbers, ascending, some thousand at a time.
    ///
    /// - Parameter body: Is given numbers, at least one; may throw to stop.
    /// - Throws: What the function throws.
    package func forEachRun<Failure: Error>(
        _ body: (UnsafeBufferPointer<ProfileNumber>) throws(Failure) -> Void
    ) throws(Failure) {
        guard let iterator = roaring_create_iterator(pointer) else { return }
        defer {
            roaring_free_uint32_iterator(iterator)
            withExtendedLifetime(self) {}
        }
        let room = UnsafeMutableBufferPointer<ProfileNumber>.allocate(capacity: 8192)
        defer { room.deallocate() }
        while true {
            let count = Int(roaring_read_uint32_iterator(iterator, room.baseAddress, UInt32(room.count)))
            if count > 0 { try body(UnsafeBufferPointer(rebasing: room[..<count])) }
            if count < room.count { return }
        }
    }

    /// Calls a function with each number, ascending.
    ///
    /// - Parameter body: Is given a number; may throw to stop.
    /// - Throws: What the function throws.
    package func forEach<Failure: Error>(_ body: (ProfileNumber) throws(Failure) -> Void) throws(Failure) {
        try forEachRun { run throws(Failure) in
            for number in run { try body(number) }
        }
    }

    /// All numbers, ascending.
    ///
    /// - Returns: As many as ``count``.
    package func numbers() -> [ProfileNumber] {
        let count = count
        return [ProfileNumber](unsafeUninitializedCapacity: count) { room, written in
            if count > 0 { roaring_bitmap_to_uint32_array(pointer, room.baseAddress) }
            written = count
        }
    }

    /// Some of the numbers, ascending: a page of a list.
    ///
    /// - Parameters:
    ///   - skipped: How many smaller numbers to leave out.
    ///   - limit: How many numbers to give at most.
    /// - Returns: At most `limit` numbers.
    package func numbers(after skipped: Int, limit: Int) -> [ProfileNumber] {
        let count = max(0, min(limit, count - skipped))
        return [ProfileNumber](unsafeUninitializedCapacity: count) { room, written in
            if count > 0 { _ = roaring_bitmap_range_uint32_array(pointer, skipped, count, room.baseAddress) }
            written = count
        }
    }

    /// Calls a function with each range of consecutive numbers, ascending.
    ///
    /// - Parameter body: Is given a range as long as can be; may throw to stop.
    /// - Throws: What the function throws.
    package func forEachRange<Failure: Error>(
        _ body: (ClosedRange<ProfileNumber>) throws(Failure) -> Void
    ) throws(Failure) {
        var open: (first: ProfileNumber, last: ProfileNumber)?
        try forEachRun { run throws(Failure) in
            for number in run {
                if let range = open, number == range.last &+ 1 {
                    open = (range.first, number)
                } else {
                    if let range = open { try body(range.first...range.last) }
                    open = (number, number)
                }
            }
        }
        if let range = open { try body(range.first...range.last) }
    }
}

extension MemberSet {
    /// The smallest number that is not below another one.
    ///
    /// - Parameter number: Where to begin.
    /// - Returns: The number, if there is one.
    package func first(from number: ProfileNumber) -> ProfileNumber? {
        guard let iterator = roaring_create_iterator(pointer) else { return nil }
        defer {
            roaring_free_uint32_iterator(iterator)
            withExtendedLifetime(self) {}
        }
        return roaring_move_uint32_iterator_equalorlarger(iterator, number)
            ? iterator.pointee.current_value : nil
    }
}
