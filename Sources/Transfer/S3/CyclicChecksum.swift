// SPDX-License-Identifier: Apache-2.0

/// A running CRC of 32 or 64 bits with reflected bits, all ones before and inverted after, as S3 offers them.
struct CyclicChecksum: Sendable {
    private let table: [UInt64]
    private let mask: UInt64
    private var register: UInt64

    /// The checksums that S3 knows, each with its reflected polynomial.
    enum Kind: UInt64, Sendable {
        /// CRC-32 (ISO 3309).
        case crc32 = 0xEDB8_8320
        /// CRC-32C (Castagnoli, RFC 3720).
        case crc32c = 0x82F6_3B78
        /// CRC-64/NVME (NVM Express command set specification).
        case crc64nvme = 0x9A6C_9329_AC4B_C9B5
    }

    init(_ kind: Kind) {
        mask = kind == .crc64nvme ? .max : 0xFFFF_FFFF
        register = mask
        table = (0..<256).map { byte in
            (0..<8).reduce(UInt64(byte)) { value, _ in
                value & 1 == 0 ? value >> 1 : (value >> 1) ^ kind.rawValue
            }
        }
    }

    /// Takes in the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var value = register
        table.withUnsafeBufferPointer { table in
            for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
        }
        register = value
    }

    /// The checksum of everything taken in, most significant byte first.
    func finish() -> [UInt8] {
        let value = ~register & mask
        let count = mask == .max ? 8 : 4
        return (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
    }
}
