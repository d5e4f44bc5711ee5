// SPDX-License-Identifier: Apache-2.0

import CRoaring

extension MemberSet {
    /// Makes a set of numbers that are in order.
    ///
    /// The numbers are written in the portable format, which the C library reads: faster than adding one by one.
    ///
    /// - Parameter numbers: Profile numbers, ascending, each once.
    package init(ascending numbers: UnsafeBufferPointer<ProfileNumber>) {
        let containers = Self.containers(of: numbers)
        let headByteCount = 8 + containers.count * 8
        let byteCount = containers.reduce(headByteCount) { $0 + Self.byteCount(of: $1) }
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        defer { bytes.deallocate() }
        bytes.storeBytes(of: RoaringFormat.cookieWithoutRuns, as: UInt32.self)
        bytes.storeBytes(of: UInt32(containers.count), toByteOffset: 4, as: UInt32.self)
        var place = headByteCount
        for (index, container) in containers.enumerated() {
            let head = numbers[container.lowerBound] >> 16 | UInt32(container.count - 1) << 16
            bytes.storeBytes(of: head, toByteOffset: 8 + index * 4, as: UInt32.self)
            bytes.storeBytes(
                of: UInt32(truncatingIfNeeded: place),
                toByteOffset: 8 + (containers.count + index) * 4,
                as: UInt32.self
            )
            Self.write(UnsafeBufferPointer(rebasing: numbers[container]), to: bytes + place)
            place += Self.byteCount(of: container)
        }
        let made = roaring_bitmap_portable_deserialize_safe(
            bytes.assumingMemoryBound(to: CChar.self),
            byteCount
        )
        if let made { roaring_bitmap_run_optimize(made) }
        self.init(owning: made)
    }

    /// The ranges of numbers with the same upper half.
    private static func containers(of numbers: UnsafeBufferPointer<ProfileNumber>) -> [Range<Int>] {
        var containers: [Range<Int>] = []
        var start = 0
        while start < numbers.count {
            let high = numbers[start] >> 16
            // The end is at most 65,536 numbers away; it is found by halves.
            var (end, limit) = (start + 1, min(numbers.count, start + 65_536))
            while end < limit {
                let middle = (end + limit) / 2
                if numbers[middle] >> 16 == high { end = middle + 1 } else { limit = middle }
            }
            containers.append(start..<end)
            start = end
        }
        return containers
    }

    private static func byteCount(of container: Range<Int>) -> Int {
        container.count > RoaringFormat.arrayLimit ? 8192 : container.count * 2
    }

    private static func write(
        _ numbers: UnsafeBufferPointer<ProfileNumber>,
        to target: UnsafeMutableRawPointer
    ) {
        guard numbers.count > RoaringFormat.arrayLimit else {
            for index in 0..<numbers.count {
                let low = UInt16(truncatingIfNeeded: numbers[index])
                target.storeBytes(of: low, toByteOffset: index &* 2, as: UInt16.self)
            }
            return
        }
        let words = target.initializeMemory(as: UInt64.self, repeating: 0, count: 1024)
        for number in numbers { words[Int(number >> 6 & 1023)] |= 1 &<< UInt64(number & 63) }
    }
}
