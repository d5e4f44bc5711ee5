// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage

/// Takes the lines of deleted IDs out of files of rejected lines; their places and reasons stay.
///
/// Doing it again changes nothing, and a file is replaced whole or not at all.
struct RejectedLineWiping {
    private static let chunkByteCount = 1 << 18
    /// A line that goes on beyond this is dealt with in pieces.
    private static let longestStart = 1 << 17

    private let texts: Set<[UInt8]>

    /// Prepares to wipe.
    ///
    /// - Parameter texts: The IDs, in UTF-8.
    init(_ texts: Set<[UInt8]>) {
        self.texts = texts
    }

    /// Wipes the lines in all files of the People service.
    ///
    /// - Parameter directory: The data directory.
    /// - Returns: How many lines lost their text.
    /// - Throws: ``Problem`` of kind `files.not-writable` or `data.disk-full`, or what reading answers.
    @discardableResult
    func wipe(in directory: DataDirectory) throws -> Int {
        guard !texts.isEmpty else { return 0 }
        var count = 0
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory.rejected)) ?? []
        where RejectedLines.peopleReceipt(name) != nil {
            let path = "\(directory.rejected)/\(name)"
            let found = try copy(path, to: nil)
            guard found > 0 else { continue }
            let output = try OutputFile(path)
            _ = try copy(path, to: output)
            try output.finish()
            count += found
        }
        return count
    }

    private func copy(_ path: String, to output: OutputFile?) throws -> Int {
        guard let file = FileHandle(forReadingAtPath: path) else { return 0 }
        defer { try? file.close() }
        var count = 0
        var pending: [UInt8] = []
        /// Within a long line: whether its pieces are kept.
        var isKept: Bool?
        var isAtEnd = false
        while !isAtEnd {
            let data = try file.read(upToCount: Self.chunkByteCount) ?? Data()
            isAtEnd = data.isEmpty
            pending.append(contentsOf: data)
            var rest = pending[...]
            var kept: [UInt8] = []
            while !rest.isEmpty {
                let newline = rest.firstIndex(of: 0x0A)
                guard newline != nil || isAtEnd || isKept != nil || rest.count > Self.longestStart else {
                    break
                }
                let piece = rest[..<(newline ?? rest.endIndex)]
                let headEnd = isKept == nil ? endOfHead(ofDeleted: piece) : nil
                if headEnd != nil { count += 1 }
                let keeps = isKept ?? (headEnd == nil)
                kept.append(contentsOf: keeps ? piece : piece[..<(headEnd ?? piece.startIndex)])
                if newline != nil { kept.append(0x0A) }
                isKept = newline == nil ? keeps : nil
                rest = newline.map { rest[($0 + 1)...] } ?? []
            }
            try output?.write(kept)
            pending = Array(rest)
        }
        return count
    }

    /// Where the text of a record begins, if one of its columns is one of the IDs: the first one of an inbound line, or
    /// the second after a type of ID, and any one of an ID-sync row, also with blanks around it; or the whole text, as
    /// outbound runs keep IDs.
    private func endOfHead(ofDeleted record: ArraySlice<UInt8>) -> Int? {
        guard record.first != UInt8(ascii: "#") else { return nil }
        var rest = record
        for _ in 0..<4 {
            guard let tab = rest.firstIndex(of: 0x09) else { return nil }
            rest = rest[(tab + 1)...]
        }
        let isAboutOne =
            texts.contains(Array(rest))
            || rest.split(separator: 0x09).contains { texts.contains(Array(Self.trimmed($0))) }
        return isAboutOne ? rest.startIndex : nil
    }

    /// An ID without the blanks and control characters around it, for which its row was rejected.
    private static func trimmed(_ id: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = id.drop { $0 <= 0x20 }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        return rest
    }
}

extension RejectedLines {
    /// The number of the receipt that a file of rejected lines belongs to; `nil` for another system's file.
    static func peopleReceipt(_ name: String) -> Int? {
        guard name.hasPrefix("P"), name.hasSuffix(ending) else { return nil }
        return Int(name.dropFirst().dropLast(ending.count))
    }
}
