// SPDX-License-Identifier: Apache-2.0

/// The text of a file, whether or not it is compressed.
final class TextStream {
    private let raw: RawStream
    private let isGzip: Bool?
    private var hasStarted = false
    private var inflater: GzipInflater?

    init(raw: RawStream, isGzip: Bool?) {
        self.raw = raw
        self.isGzip = isGzip
    }

    /// The checksums of the raw file, known once its end was met.
    var digest: FileDigest.Value? { raw.digest }

    /// Fills the front of the buffer with the next bytes of text; 0 at the end.
    func read(into destination: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        if let inflater { return try inflater.read(into: destination) }
        if hasStarted { return try raw.read(into: destination) }
        hasStarted = true
        guard try isCompressed() else { return try raw.read(into: destination) }
        let inflater = GzipInflater(raw: raw)
        self.inflater = inflater
        return try inflater.read(into: destination)
    }

    /// Whether the text has to be unpacked; a file that is said to be compressed has to begin like one.
    private func isCompressed() throws(AudienceFileError) -> Bool {
        let magic: [UInt8] = [0x1F, 0x8B]
        guard isGzip != false else { return false }
        let hasMagic = try raw.starts(with: magic)
        guard isGzip == true, !hasMagic else { return hasMagic }
        // An empty file and one that was cut to its first byte are told as such.
        guard raw.endsWithin(magic) else { throw .notGzip }
        return true
    }
}
