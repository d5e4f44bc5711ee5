// SPDX-License-Identifier: Apache-2.0

/// The text of a file, whether or not it is compressed.
final class TextStream {
    private let raw: RawStream
    private var isGzip: Bool?
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
        if isGzip == nil { isGzip = try raw.starts(with: [0x1F, 0x8B]) }
        guard isGzip == true else { return try raw.read(into: destination) }
        let inflater = GzipInflater(raw: raw)
        self.inflater = inflater
        return try inflater.read(into: destination)
    }
}
