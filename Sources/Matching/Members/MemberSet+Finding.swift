// SPDX-License-Identifier: Apache-2.0

extension MemberSet {
    /// Looks a list of numbers up in a set that is still in the portable format, without unpacking it.
    ///
    /// - Parameters:
    ///   - numbers: The numbers, ascending.
    ///   - flags: The same numbers: the lowest bit of the first word stands for 0.
    ///   - bytes: One set. What it says of itself is checked, but not the order of its members.
    ///   - body: Is given those that are in the set, ascending, one block of 65,536 numbers after the other.
    /// - Throws: ``MatchingError/notAMemberSet(position:)`` with the place where the bytes are wrong.
    /// - Complexity: In each block, what is less of the set's members and of the numbers, these times the logarithm of
    ///   the set's members.
    package static func find(
        _ numbers: UnsafeBufferPointer<ProfileNumber>,
        flags: UnsafeBufferPointer<UInt64>,
        in bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeBufferPointer<ProfileNumber>) -> Void
    ) throws(MatchingError) {
        var end = 0
        try RoaringFormat.forEachContainer(of: bytes) { container throws(MatchingError) in
            let start = place(of: container.key << 16, in: numbers, from: end)
            end = place(of: (container.key + 1) << 16, in: numbers, from: start)
            guard start < end else { return }
            let some = UnsafeBufferPointer(rebasing: numbers[start..<end])
            withUnsafeTemporaryAllocation(
                of: ProfileNumber.self,
                // One more, since each number is written down before it is known whether it counts.
                capacity: min(some.count, container.count) + 1
            ) { room in
                let count = container.find(some, flags, into: room)
                if count > 0 { body(UnsafeBufferPointer(rebasing: room[..<count])) }
            }
        }
    }

    /// The place of the first number that is not below another one.
    private static func place(
        of number: Int,
        in numbers: UnsafeBufferPointer<ProfileNumber>,
        from start: Int
    ) -> Int {
        // In steps that double, since it is near, then by halves.
        var (low, high, step) = (start, start, 1)
        while high < numbers.count, Int(numbers[high]) < number {
            low = high + 1
            high += step
            step *= 2
        }
        high = min(high, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(numbers[middle]) < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RoaringFormat.Container {
    /// How many members more than numbers make looking each number up the faster way.
    private static let membersForNumber = 8

    /// Writes down which of some numbers are in the container.
    ///
    /// - Parameters:
    ///   - numbers: Numbers with its upper half, ascending.
    ///   - flags: The same numbers as bits, and others.
    ///   - room: One more than are in, if the members are in order.
    /// - Returns: How many there are.
    fileprivate func find(
        _ numbers: UnsafeBufferPointer<ProfileNumber>,
        _ flags: UnsafeBufferPointer<UInt64>,
        into room: UnsafeMutableBufferPointer<ProfileNumber>
    ) -> Int {
        switch form {
        case .array:
            numbers.count * Self.membersForNumber < count
                ? lookUp(numbers, into: room) : filter(flags, into: room)
        case .bits: testBits(numbers, into: room)
        case .runs: compareRuns(numbers, into: room)
        }
    }

    /// Looks each number up among the members.
    private func lookUp(
        _ numbers: UnsafeBufferPointer<ProfileNumber>,
        into room: UnsafeMutableBufferPointer<ProfileNumber>
    ) -> Int {
        var (found, place) = (0, 0)
        for number in numbers where place < count {
            let wanted = UInt16(truncatingIfNeeded: number)
            var length = count &- place
            // By halves without a branch on what was read, which nobody could foresee.
            while length > 1 {
                let half = length / 2
                place = member(at: place &+ half &- 1) < wanted ? place &+ half : place
                length &-= half
            }
            let member = member(at: place)
            if member < wanted { place &+= 1 }
            if member == wanted {
                room[found] = number
                found &+= 1
            }
        }
        return found
    }

    /// Asks of each member whether it is among the numbers.
    private func filter(
        _ flags: UnsafeBufferPointer<UInt64>,
        into room: UnsafeMutableBufferPointer<ProfileNumber>
    ) -> Int {
        var found = 0
        for place in 0..<count {
            let number = key << 16 | Int(member(at: place))
            let word = number / 64
            guard word < flags.count, found < room.count else { break }
            room[found] = UInt32(truncatingIfNeeded: number)
            // No branch on the bit, which nobody could foresee.
            found &+= Int(truncatingIfNeeded: flags[word] &>> UInt64(number & 63) & 1)
        }
        return min(found, room.count - 1)
    }

    private func testBits(
        _ numbers: UnsafeBufferPointer<ProfileNumber>,
        into room: UnsafeMutableBufferPointer<ProfileNumber>
    ) -> Int {
        var found = 0
        for number in numbers where found < room.count {
            let byte = bytes[Int(number >> 3 & 0x1FFF)]
            room[found] = number
            found &+= Int(byte &>> UInt8(truncatingIfNeeded: number & 7) & 1)
        }
        return min(found, room.count - 1)
    }

    private func compareRuns(
        _ numbers: UnsafeBufferPointer<ProfileNumber>,
        into room: UnsafeMutableBufferPointer<ProfileNumber>
    ) -> Int {
        var (found, place) = (0, 0)
        for number in numbers {
            let low = Int(number & 0xFFFF)
            while place < runCount, run(place).last < low { place &+= 1 }
            guard place < runCount, found < room.count else { break }
            guard run(place).first <= low else { continue }
            room[found] = number
            found &+= 1
        }
        return found
    }

    @inline(__always)
    private func member(at place: Int) -> UInt16 {
        bytes.loadUnaligned(fromByteOffset: place &* 2, as: UInt16.self)
    }
}
