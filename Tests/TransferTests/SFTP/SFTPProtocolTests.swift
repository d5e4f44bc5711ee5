// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Transfer

/// Packets as bytes, without a server.
@Suite struct SFTPProtocolTests {
    /// A name with size, mode and times, as OpenSSH sends it: draft-ietf-secsh-filexfer-02, sections 5 and 7.
    private static let names: [UInt8] =
        [0, 0, 0, 1, 0, 0, 0, 2, 0x61, 0xFF, 0, 0, 0, 1, 0x2D]
        + [0, 0, 0, 0x0D, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x81, 0xA4, 0, 0, 0, 1, 0x65, 0x53, 0xF1, 0]

    @Test func `a write request has the draft's form`() {
        let packet = SFTPRequest.write(handle: [7], offset: 258, [1, 2, 3][1...]).packet(id: 5)
        #expect(
            packet == [0, 0, 0, 24, 6, 0, 0, 0, 5, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 2, 2, 3]
        )
    }

    @Test func `a list entry is read with its attributes`() throws {
        guard case .names(let names)? = SFTPReply(type: 104, body: Self.names) else {
            Issue.record("not read as names")
            return
        }
        let name = try #require(names.first)
        #expect(name.bytes == [0x61, 0xFF])
        #expect(name.attributes.size == 256)
        #expect(name.attributes.kind == .file)
        #expect(name.attributes.modifiedSeconds == 1_700_000_000)
    }

    @Test func `a packet that ends too early is not read`() {
        for count in 0..<Self.names.count {
            #expect(SFTPReply(type: 104, body: Array(Self.names.prefix(count))) == nil)
        }
    }

    @Test(arguments: 1...20)
    func `packets are put together from pieces of any size`(_ pieceSize: Int) {
        let data: [UInt8] = [0, 0, 0, 12, 103, 0, 0, 0, 9, 0, 0, 0, 3, 1, 2, 3]
        let status: [UInt8] = [0, 0, 0, 9, 101, 0, 0, 0, 8, 0, 0, 0, 1]
        let empty: [UInt8] = [0, 0, 0, 9, 103, 0, 0, 0, 7, 0, 0, 0, 0]
        let stream = data + status + empty + data
        var frames = SFTPFrames()
        var found: [SFTPFrames.Frame] = []
        for start in stride(from: 0, to: stream.count, by: pieceSize) {
            let piece = Array(stream[start..<min(stream.count, start + pieceSize)])
            #expect(piece.withUnsafeBytes { bytes in frames.add(bytes) { found.append($0) } })
        }
        #expect(found.map(\.id) == [9, 8, 7, 9])
        #expect(found.map(\.body) == [[1, 2, 3], [0, 0, 0, 1], [], [1, 2, 3]])
    }

    @Test func `bytes that are no packets are refused and never crash`() {
        var random = SeededNumbers(seed: 5)
        var refusedCount = 0
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            var frames = SFTPFrames()
            if !bytes.withUnsafeBytes({ frames.add($0) { _ in } }) { refusedCount += 1 }
            for type in [101, 102, 103, 104, 105, 201] as [UInt8] { _ = SFTPReply(type: type, body: bytes) }
            _ = SFTPFolder.digest(in: bytes)
        }
        #expect(refusedCount > 2_000)
    }

    @Test func `a digest is found in both forms of a check-file reply`() {
        let digest = [UInt8](1...32)
        let plain = [0, 0, 0, 6] + Array("sha256".utf8) + digest
        #expect(SFTPFolder.digest(in: plain) == digest)
        #expect(SFTPFolder.digest(in: [0, 0, 0, 10] + Array("check-file".utf8) + plain) == digest)
        #expect(SFTPFolder.digest(in: [0, 0, 0, 3] + Array("md5".utf8) + digest) == nil)
        #expect(SFTPFolder.digest(in: plain.dropLast()) == nil)
    }
}
