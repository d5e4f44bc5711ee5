// SPDX-License-Identifier: Apache-2.0

import Matching

/// Bytes and texts that the partner's files are made of in tests.
enum TestFiles {
    private static let remainders: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { value, _ in (value >> 1) ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }

    /// A gzip file that holds a text uncompressed (RFC 1952, and RFC 1951 section 3.2.4).
    static func gzip(_ text: [UInt8]) -> [UInt8] {
        var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = text[...]
        repeat {
            let piece = rest.prefix(65_535)
            rest = rest.dropFirst(piece.count)
            let size = UInt16(piece.count)
            file += [rest.isEmpty ? 1 : 0, UInt8(size & 255), UInt8(size >> 8)]
            file += [UInt8(~size & 255), UInt8(~size >> 8)] + piece
        } while !rest.isEmpty
        let checksum = ~text.reduce(~UInt32(0)) { remainders[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
        for number in [checksum, UInt32(text.count)] {
            file += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        return file
    }

    static func gzip(_ text: String) -> [UInt8] { gzip(Array(text.utf8)) }

    /// A visitor ID that ends in a number.
    static func visitor(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 38 - digits.count) + digits
    }

    static func hex(_ algorithm: DigestAlgorithm, _ text: String) throws -> String {
        HexText.string(try Digester(algorithm).digest(Array(text.utf8)))
    }

    /// A value as an ID, as the website writes it.
    static func id(_ text: String, _ rule: IDRule) throws -> String {
        let values = IDBatch()
        values.append(text)
        let ids = IDBatch()
        try IDEncoder(rule: rule).encode(values, into: ids)
        return ids.string(at: 0)
    }

    /// An email address as the source of encrypted IDs has it.
    static func encrypted(_ text: String) throws -> String {
        try id(text, KeyDoctorSamples.cipherRule(.aes128CBC))
    }

    /// A control file that describes files.
    static func control(_ files: [(name: String, bytes: [UInt8], lines: Int)], md5: String? = nil) throws
        -> String
    {
        let entries = try files.enumerated()
            .map { number, file in
                let sum = try md5 ?? HexText.string(Digester(.md5).digest(file.bytes))
                return """
                    {"FileByteSize":\(file.bytes.count),"FileLineCount":\(file.lines),"FileName":"\(file.name)",\
                    "FileSequenceNumber":\(number + 1),"md5":"\(sum)"}
                    """
            }
        let bytes = files.reduce(0) { $0 + $1.bytes.count }
        let lines = files.reduce(0) { $0 + $1.lines }
        return """
            {"Files":[\(entries.joined(separator: ","))],"Totals":{"FileName":"all.sync","TotalByteSize":\(bytes),\
            "TotalNumberFiles":\(files.count),"TotalNumberLines":\(lines)}}
            """
    }
}
