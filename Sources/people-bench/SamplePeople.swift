// SPDX-License-Identifier: Apache-2.0

import Foundation

/// People and devices that exist only as numbers: their IDs and signals follow from a seed, and files are written of
/// them.
struct SamplePeople: Sendable {
    /// How many devices; two belong to one person.
    let deviceCount: Int
    /// The onboarded traits, by number.
    let onboarded: [Int]
    /// How many rule-based traits there are: `product == "p0"`, `product == "p1"` and so on.
    let ruledCount: Int

    /// How many people.
    var personCount: Int { deviceCount / 2 }

    /// Writes an ID-sync file that links devices with people.
    ///
    /// - Parameters:
    ///   - path: The new file.
    ///   - devices: The numbers of the devices, one row each.
    ///   - person: The number of a device's person.
    /// - Throws: What writing the file throws.
    func writeLinks(_ path: String, _ devices: some Sequence<Int>, person: (Int) -> Int) throws {
        let file = try SampleFile(path)
        for device in devices {
            file.append(visitor: device)
            file.append(0x09)
            file.append(person: person(device))
            file.append(0x0A)
            try file.flushIfFull()
        }
        try file.finish()
    }

    /// Writes an inbound file of devices or people with two signals a line.
    ///
    /// - Parameters:
    ///   - path: The new file.
    ///   - users: The numbers of devices or people, one line each.
    ///   - ofDevices: Whether they are devices.
    ///   - seed: Other seeds give other signals.
    /// - Throws: What writing the file throws.
    func writeSignals(_ path: String, _ users: some Sequence<Int>, ofDevices: Bool, seed: UInt64) throws {
        let file = try SampleFile(path)
        for user in users {
            if ofDevices { file.append(visitor: user) } else { file.append(person: user) }
            file.append(0x09)
            let dice = SampleFile.mixed(UInt64(user) &* 31 &+ seed)
            file.append("d_sid=")
            file.append(number: onboarded[Int(dice % UInt64(onboarded.count))])
            if dice >> 32 & 1 == 0 {
                file.append(",product=p")
                file.append(number: Int(dice >> 33 % UInt64(ruledCount)))
            } else {
                file.append(",d_sid=")
                file.append(number: onboarded[Int(dice >> 33 % UInt64(onboarded.count))])
            }
            file.append(0x0A)
            try file.flushIfFull()
        }
        try file.finish()
    }
}

/// A text file that is written piece by piece.
final class SampleFile {
    private static let flushByteCount = 1 << 20

    private let handle: FileHandle
    private var bytes: [UInt8] = []

    /// A new file, in place of any that is there.
    init(_ path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        bytes.reserveCapacity(Self.flushByteCount + 4096)
    }

    func append(_ byte: UInt8) { bytes.append(byte) }

    func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Decimal digits.
    func append(number: Int) { append(digits: UInt64(number), base: 10, count: 0) }

    /// The visitor ID of a device: 38 digits.
    func append(visitor device: Int) {
        for half in 0..<2 {
            let limit: UInt64 = 10_000_000_000_000_000_000
            append(digits: Self.mixed(UInt64(device * 2 + half)) % limit, base: 10, count: 19)
        }
    }

    /// The declared ID of a person: 32 hex digits.
    func append(person: Int) {
        for half in 0..<2 {
            append(digits: Self.mixed(UInt64(person * 2 + half) | 1 << 60), base: 16, count: 16)
        }
    }

    func flushIfFull() throws {
        guard bytes.count >= Self.flushByteCount else { return }
        try handle.write(contentsOf: bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    func finish() throws {
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    /// A number that looks like chance (SplitMix64).
    static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = (number &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private func append(digits number: UInt64, base: UInt64, count: Int) {
        let start = bytes.count
        var rest = number
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % base)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            rest /= base
        } while rest > 0
        while bytes.count - start < count { bytes.append(0x30) }
        bytes[start...].reverse()
    }
}
