// SPDX-License-Identifier: Apache-2.0

/// What makes keys and values compare without regard to case.
///
/// "Profile data is case-insensitive" (Audience Manager, "inbound data file contents"). Letters are taken as their
/// lower-case ones where Unicode has a single one for them: `É` is `é`, but `ß` is not `ss`. Composed and decomposed
/// letters stay different, and bytes that are not UTF-8 stay what they are.
enum CaseFolding {
    /// How many times longer than the source the folded bytes may be.
    static let growth = 2

    /// The folded bytes of a text.
    static func folded(_ text: String) -> [UInt8] {
        let source = Array(text.utf8)
        return [UInt8](unsafeUninitializedCapacity: growth * source.count + 1) { target, count in
            guard let target = target.baseAddress else { return }
            count = source.withUnsafeBytes { fold($0, to: target) }
        }
    }

    /// Folds bytes.
    ///
    /// - Parameters:
    ///   - source: UTF-8, or anything else.
    ///   - target: Room for ``growth`` times the source.
    /// - Returns: How many bytes were written.
    @inline(__always)
    static func fold(_ source: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var seen: UInt8 = 0
        for index in 0..<source.count {
            let byte = source[index]
            seen |= byte
            target[index] = byte &+ (byte &- 0x41 < 26 ? 0x20 : 0)
        }
        return seen < 0x80 ? source.count : foldUnicode(source, to: target)
    }

    private static func foldUnicode(
        _ source: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var bytes = source.makeIterator()
        var read = 0
        var written = 0
        while true {
            switch parser.parseScalar(from: &bytes) {
            case .emptyInput:
                return written
            case .valid(let encoded):
                read += encoded.count
                let scalar = Unicode.UTF8.decode(encoded)
                let mapping = scalar.properties.lowercaseMapping.unicodeScalars
                let folded = mapping.first.flatMap { mapping.count == 1 ? $0 : nil } ?? scalar
                for byte in UTF8.encode(folded) ?? encoded {
                    target[written] = byte
                    written += 1
                }
            case .error(let length):
                for index in read..<(read + length) {
                    target[written] = source[index]
                    written += 1
                }
                read += length
            }
        }
    }
}
