// SPDX-License-Identifier: Apache-2.0

/// The signals of an inbound line, comma-separated: `d_sid=24,"gender"="female", product = tablet`.
///
/// Blanks around commas and equals signs are ignored, commas inside quotation marks separate nothing, hyphens in
/// front of a key are ignored, and the keys `d_sid`, `d_unsid` and `ic` are known in any case (Audience Manager,
/// "inbound data file contents"). Iteration makes no copies and never fails.
package struct SignalList: Sequence {
    private let bytes: UnsafeRawBufferPointer

    /// The list written in these bytes.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    package func makeIterator() -> Iterator {
        Iterator(bytes: bytes)
    }

    /// The signals of a list, one after the other.
    package struct Iterator: IteratorProtocol {
        private let bytes: UnsafeRawBufferPointer
        private var position = 0
        private var isAtEnd: Bool

        fileprivate init(bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
            isAtEnd = bytes.isEmpty
        }

        package mutating func next() -> Signal? {
            guard !isAtEnd else { return nil }
            let signal = readSignal()
            // Behind a problem there may be more of the same part.
            while position < bytes.count, bytes[position] != Self.comma { position += 1 }
            isAtEnd = position == bytes.count
            position += 1
            return signal
        }

        private mutating func readSignal() -> Signal {
            skipBlanks()
            if isAtComma { return .problem(.empty) }
            guard let first = readText(upTo: Self.equalsSign) else { return .problem(.quotation) }
            skipBlanks()
            if isAtComma { return Self.bareSignal(first) }
            guard bytes[position] == Self.equalsSign else { return .problem(.quotation) }
            position += 1
            skipBlanks()
            guard let value = readText(upTo: nil) else { return .problem(.quotation) }
            skipBlanks()
            guard isAtComma else { return .problem(.quotation) }
            return Self.signal(key: first, value: value)
        }

        /// A quoted text, or an unquoted one up to the comma or the given byte; nil when quotation marks do not match.
        private mutating func readText(upTo stop: UInt8?) -> UnsafeRawBufferPointer? {
            let isQuoted = position < bytes.count && bytes[position] == Self.quotationMark
            let start = isQuoted ? position + 1 : position
            var end = start
            if isQuoted {
                while end < bytes.count, bytes[end] != Self.quotationMark { end += 1 }
                position = Swift.min(end + 1, bytes.count)
                guard end < bytes.count else { return nil }
            } else {
                while end < bytes.count, bytes[end] != Self.comma, bytes[end] != stop {
                    if bytes[end] == Self.quotationMark { return nil }
                    end += 1
                }
                position = end
                while end > start, bytes[end - 1] == Self.blank { end -= 1 }
            }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        }

        private mutating func skipBlanks() {
            while position < bytes.count, bytes[position] == Self.blank { position += 1 }
        }

        private var isAtComma: Bool { position >= bytes.count || bytes[position] == Self.comma }

        private static func bareSignal(_ text: UnsafeRawBufferPointer) -> Signal {
            if DecimalDigits.areAll(text) { return .integrationCode(text) }
            guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
                text[(colon + 1)...].elementsEqual("0".utf8) || text[(colon + 1)...].elementsEqual("-1".utf8)
            else { return .problem(.form) }
            return DecimalDigits.value(of: text[..<colon]).map(Signal.removeTrait) ?? .problem(.traitNumber)
        }

        private static func signal(key written: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)
            -> Signal
        {
            let key = UnsafeRawBufferPointer(rebasing: written.drop { $0 == UInt8(ascii: "-") })
            guard !key.isEmpty, key.allSatisfy(isKeyByte) else { return .problem(.key) }
            if isWord(key, "d_sid") {
                return DecimalDigits.value(of: value).map(Signal.addTrait) ?? .problem(.traitNumber)
            }
            if isWord(key, "d_unsid") {
                return DecimalDigits.value(of: value).map(Signal.removeTrait) ?? .problem(.traitNumber)
            }
            return isWord(key, "ic") ? .integrationCode(value) : .keyValue(key: key, value: value)
        }

        private static func isWord(_ key: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
            let word = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            guard key.count == word.count else { return false }
            return zip(key, word).allSatisfy { written, known in
                written == known || (written | 0x20 == known && (0x41...0x5A).contains(written))
            }
        }

        private static func isKeyByte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }

        private static let comma = UInt8(ascii: ",")
        private static let blank = UInt8(ascii: " ")
        private static let equalsSign = UInt8(ascii: "=")
        private static let quotationMark = UInt8(ascii: "\"")
    }
}
