// SPDX-License-Identifier: Apache-2.0

/// The raw bytes of a file on their way through the checksum, with room to look at the first ones.
final class RawStream {
    private var source: any ByteSource
    private let running: FileDigest
    private let buffer: UnsafeMutableRawBufferPointer
    private var available = 0..<0
    private var isAtEnd = false

    /// The number of bytes that have left this stream.
    private(set) var position = 0

    /// The checksums of the file, known once its end was met.
    private(set) var digest: FileDigest.Value?

    init(source: any ByteSource, wantsMD5: Bool, bufferByteCount: Int = 256 << 10) {
        self.source = source
        self.running = FileDigest(wantsMD5: wantsMD5)
        self.buffer = .allocate(byteCount: bufferByteCount, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// Whether the file starts with these bytes; only before anything left the stream.
    func starts(with magic: [UInt8]) throws(AudienceFileError) -> Bool {
        while available.count < magic.count, !isAtEnd {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[available.upperBound...])
            available = 0..<(available.upperBound + (try fetch(into: room)))
        }
        return buffer[available].starts(with: magic)
    }

    /// Whether the file ends before it could start with these bytes; only behind ``starts(with:)``.
    func endsWithin(_ magic: [UInt8]) -> Bool { magic.starts(with: buffer[available]) }

    /// The next bytes, empty only at the end; valid until the next call.
    func nextChunk() throws(AudienceFileError) -> UnsafeMutableRawBufferPointer {
        if available.isEmpty { available = 0..<(try fetch(into: buffer)) }
        let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[available])
        position += chunk.count
        available = 0..<0
        return chunk
    }

    /// Puts the next bytes straight into a buffer, without a copy where that is possible.
    func read(into destination: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        guard !available.isEmpty else {
            let count = try fetch(into: destination)
            position += count
            return count
        }
        let count = min(available.count, destination.count)
        destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[available.prefix(count)]))
        available = available.dropFirst(count)
        position += count
        return count
    }

    private func fetch(into destination: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        guard !isAtEnd else { return 0 }
        let count = try source.read(into: destination)
        if count == 0 {
            isAtEnd = true
            digest = running.finish()
        } else {
            running.update(UnsafeRawBufferPointer(rebasing: destination[..<count]))
        }
        return count
    }
}
