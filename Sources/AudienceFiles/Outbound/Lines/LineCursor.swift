// SPDX-License-Identifier: Apache-2.0

/// The end of a growing text, in memory that belongs to ``RenderedLines``.
struct LineCursor {
    /// The room that is always left behind what was asked for, so that copies may be done in whole words.
    static let slackByteCount = 64

    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 256)
        base = .allocate(byteCount: self.capacity, alignment: 64)
    }

    /// Makes sure that so many bytes can be added without asking again.
    @inline(__always)
    mutating func reserve(_ byteCount: Int) {
        if count &+ byteCount &+ Self.slackByteCount > capacity { grow(byteCount) }
    }

    @inline(never)
    private mutating func grow(_ byteCount: Int) {
        let newCapacity = max(capacity * 2, count + byteCount + Self.slackByteCount)
        let newBase = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 64)
        newBase.copyMemory(from: base, byteCount: count)
        base.deallocate()
        (base, capacity) = (newBase, newCapacity)
    }

    /// Adds bytes; there is room.
    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Adds bytes behind which the source has 16 more that may be read; there is room.
    @inline(__always)
    mutating func putPadded(_ source: UnsafeRawPointer, _ byteCount: Int) {
        let destination = base + count
        var done = 0
        repeat {
            let word = source.loadUnaligned(fromByteOffset: done, as: SIMD16<UInt8>.self)
            destination.storeBytes(of: word, toByteOffset: done, as: SIMD16<UInt8>.self)
            done &+= 16
        } while done < byteCount
        count &+= byteCount
    }

    /// Adds one byte; there is room.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Adds a number in decimal digits; there is room for 20 bytes.
    mutating func put(decimal number: Int64) {
        if number < 0 { put(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var digitCount = 1
        var limit: UInt64 = 10
        while digitCount < 19, rest >= limit {
            digitCount += 1
            limit *= 10
        }
        count += digitCount
        var position = count
        for _ in 0..<digitCount {
            position -= 1
            base.storeBytes(
                of: UInt8(truncatingIfNeeded: rest % 10) + 0x30,
                toByteOffset: position,
                as: UInt8.self
            )
            rest /= 10
        }
    }
}
