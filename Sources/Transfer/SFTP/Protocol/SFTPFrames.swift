// SPDX-License-Identifier: Apache-2.0

/// Puts packets together from the pieces in which they arrive.
struct SFTPFrames {
    /// A whole packet: its type, the number of the request it answers, and what follows.
    struct Frame {
        let type: UInt8
        let id: UInt32
        let body: [UInt8]
    }

    /// The longest packet that we take, in bytes; OpenSSH's limit is the same.
    static let longestPacket = 256 << 10

    private var header: [UInt8] = []
    private var body: [UInt8] = []
    private var missing = 0

    /// Takes in the next bytes and shows each packet that they complete.
    ///
    /// - Returns: Whether the bytes make sense so far.
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ show: (Frame) -> Void) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            if missing > 0 || header.count == headerLength {
                let piece = rest.prefix(missing)
                body.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece))
                missing -= piece.count
                rest = rest.dropFirst(piece.count)
            } else {
                header.append(rest[rest.startIndex])
                rest = rest.dropFirst()
                guard header.count >= 9, header.count == headerLength else { continue }
                guard beginBody() else { return false }
            }
            if missing == 0 && header.count == headerLength {
                show(Frame(type: header[4], id: number(at: 5), body: body))
                header.removeAll(keepingCapacity: true)
                body = []
            }
        }
        return true
    }

    /// Length, type and request number; with data, the length of the data as well.
    private var headerLength: Int {
        header.count >= 5 && header[4] == SFTPReply.dataType ? 13 : 9
    }

    private mutating func beginBody() -> Bool {
        let length = Int(number(at: 0))
        guard length <= SFTPFrames.longestPacket + 1_024, length + 4 >= headerLength else { return false }
        missing = length + 4 - headerLength
        guard headerLength == 9 || missing == Int(number(at: 9)) else { return false }
        body = []
        body.reserveCapacity(missing)
        return true
    }

    private func number(at index: Int) -> UInt32 {
        header[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
