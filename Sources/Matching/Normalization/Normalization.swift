// SPDX-License-Identifier: Apache-2.0

/// The steps, in order, that a value goes through before it is hashed, encrypted or compared; possibly none.
package struct Normalization: Hashable, Sendable, CustomStringConvertible {
    /// The version of what the steps do; an index made under another version must be made anew.
    package static let version = 1

    /// No steps: values are compared as they are.
    package static let none = Normalization(validated: [])

    /// The steps in their order, each at most once.
    package let steps: [Normalizer]

    /// The steps' codes, two bits each, the first step lowest.
    private let codes: UInt32

    /// Makes a normalization from steps.
    ///
    /// - Parameter steps: The steps in their order.
    /// - Throws: ``MatchingError/unknownNormalizer(position:)`` with the first step that is there twice.
    package init(_ steps: [Normalizer]) throws(MatchingError) {
        for position in steps.indices where steps[..<position].contains(steps[position]) {
            throw .unknownNormalizer(position: position)
        }
        self.init(validated: steps)
    }

    /// Reads a normalization such as `trim,lower`; the empty text has no steps.
    ///
    /// - Parameter text: Names of steps with commas between them; spaces around them are ignored.
    /// - Throws: ``MatchingError/unknownNormalizer(position:)`` with the first name that is unknown or there twice.
    package init(parsing text: String) throws(MatchingError) {
        var steps: [Normalizer] = []
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        if !text.allSatisfy({ $0 == " " }) {
            for (position, name) in names.enumerated() {
                let bare = name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                guard let step = Normalizer(rawValue: String(bare)) else {
                    throw .unknownNormalizer(position: position)
                }
                steps.append(step)
            }
        }
        try self.init(steps)
    }

    private init(validated steps: [Normalizer]) {
        self.steps = steps
        codes = steps.reversed().reduce(0) { $0 << 2 | $1.code }
    }

    /// The names of the steps with commas between them, as ``init(parsing:)`` reads them.
    package var description: String { steps.map(\.rawValue).joined(separator: ",") }

    /// The normalized form of a text.
    ///
    /// - Parameter text: Any text.
    /// - Returns: The text after all steps.
    package func normalized(_ text: String) -> String {
        let store = ByteStore(capacity: 256)
        var text = text
        let place = text.withUTF8 { append(UnsafeRawBufferPointer($0), to: store) }
        return String(
            decoding: UnsafeBufferPointer(start: store.base + place.start, count: place.count),
            as: UTF8.self
        )
    }

    /// Writes the normalized form of UTF-8 bytes at the end of a store.
    ///
    /// - Returns: The place of the result; ``ByteStore/count`` is its end.
    @inline(__always)
    func append(_ text: UnsafeRawBufferPointer, to store: ByteStore) -> (start: Int, count: Int) {
        var place = (start: store.count, count: text.count)
        store.append(text)
        var rest = codes
        while rest != 0 {
            switch rest & 3 {
            case 1: Self.trim(store, &place)
            case 2: Self.lower(store, &place)
            default: Self.writeAsE164(store, &place)
            }
            rest >>= 2
        }
        store.count = place.start + place.count
        return place
    }

    @inline(__always)
    private static func trim(_ store: ByteStore, _ place: inout (start: Int, count: Int)) {
        let base = store.base
        let end = place.start + place.count
        while place.count > 0 {
            let width = UTF8Text.spaceWidth(at: place.start, of: base, count: end)
            if width == 0 { break }
            place.start += width
            place.count -= width
        }
        while place.count > 0 {
            let width = UTF8Text.spaceWidth(before: place.count, of: base + place.start)
            if width == 0 { break }
            place.count -= width
        }
    }

    @inline(__always)
    private static func lower(_ store: ByteStore, _ place: inout (start: Int, count: Int)) {
        let text = UnsafeMutableRawPointer(store.base + place.start)
        var position = 0
        var seen: UInt64 = 0
        // Eight letters at a time. The store has room beyond its end, and what follows a text is never kept.
        while position < place.count {
            let word = text.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let left = place.count &- position
            seen |= left >= 8 ? word : word & (1 << UInt64(left &* 8) &- 1)
            text.storeBytes(of: lowerASCII(word), toByteOffset: position, as: UInt64.self)
            position &+= 8
        }
        if seen & 0x8080_8080_8080_8080 != 0 { lowerBeyondASCII(store, &place) }
    }

    /// Sets bit 5 of each byte that is `A`…`Z`.
    @inline(__always)
    private static func lowerASCII(_ word: UInt64) -> UInt64 {
        let low = word & 0x7F7F_7F7F_7F7F_7F7F
        let atLeastA = low &+ 0x3F3F_3F3F_3F3F_3F3F
        let aboveZ = low &+ 0x2525_2525_2525_2525
        let upper = atLeastA & ~aboveZ & ~word & 0x8080_8080_8080_8080
        return word | upper >> 2
    }

    @inline(never)
    private static func lowerBeyondASCII(_ store: ByteStore, _ place: inout (start: Int, count: Int)) {
        var lowered: [UInt8] = []
        lowered.reserveCapacity(place.count * 3 / 2)
        let text = store.base + place.start
        var position = 0
        while position < place.count {
            guard text[position] >= 0x80,
                let (scalar, width) = UTF8Text.scalar(at: position, of: text, count: place.count)
            else {
                lowered.append(text[position])
                position += 1
                continue
            }
            let mapping = scalar.properties.lowercaseMapping.unicodeScalars
            lowered.append(
                contentsOf: UTF8.encode(mapping.first ?? scalar) ?? UTF8.encodedReplacementCharacter
            )
            position += width
        }
        store.count = place.start
        lowered.withUnsafeBytes { store.append($0) }
        place.count = lowered.count
    }

    @inline(never)
    private static func writeAsE164(_ store: ByteStore, _ place: inout (start: Int, count: Int)) {
        let text = store.base + place.start
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        let count = withUnsafeMutableBytes(of: &digits) { kept -> Int in
            var count = 0
            var position = 0
            while position < place.count {
                let width = separatorWidth(at: position, of: text, count: place.count)
                if width > 0 {
                    position += width
                    continue
                }
                if count == kept.count { return 0 }
                kept[count] = text[position]
                count += 1
                position += 1
            }
            if count >= 2, kept[0] == 0x30, kept[1] == 0x30 {
                kept[1] = 0x2B
                for index in 1..<count { kept[index - 1] = kept[index] }
                count -= 1
            }
            guard AddressForm.isMobilePhone(UnsafeRawBufferPointer(rebasing: kept[..<count])) else {
                return 0
            }
            for index in 0..<count { text[index] = kept[index] }
            return count
        }
        if count > 0 { place.count = count }
    }

    /// The number of bytes of a separator within a telephone number, 0 if there is none.
    private static func separatorWidth(at position: Int, of text: UnsafePointer<UInt8>, count: Int) -> Int {
        switch text[position] {
        case 0x20, 0x2E, 0x2D, 0x28, 0x29, 0x2F: 1
        case 0xC2: position + 1 < count && text[position + 1] == 0xA0 ? 2 : 0
        case 0xE2: position + 2 < count && text[position + 1] == 0x80 && text[position + 2] == 0xAF ? 3 : 0
        default: 0
        }
    }
}
