// SPDX-License-Identifier: Apache-2.0

import CIsal

/// One gzip member in the making, at the fastest level that looks for repetitions (RFC 1952).
///
/// The header is always the same: no name, no time, operating system "unknown" (255).
final class GzipDeflater {
    private let stream: UnsafeMutablePointer<isal_zstream>
    private let levelBuffer: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer

    init(outputByteCount: Int = 256 << 10) {
        stream = .allocate(capacity: 1)
        levelBuffer = .allocate(byteCount: Int(isal_level1_buffer_byte_count()), alignment: 64)
        output = .allocate(byteCount: outputByteCount, alignment: 64)
        isal_deflate_init(stream)
        stream.pointee.level = 1
        stream.pointee.level_buf = levelBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.level_buf_size = UInt32(levelBuffer.count)
        stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
        stream.pointee.flush = UInt16(NO_FLUSH)
        stream.pointee.end_of_stream = 0
    }

    deinit {
        stream.deallocate()
        levelBuffer.deallocate()
        output.deallocate()
    }

    /// Compresses the next bytes; what is ready goes to `write`.
    ///
    /// - Parameters:
    ///   - bytes: the next bytes of text, fewer than 4 GiB.
    ///   - isLast: whether the member ends behind them.
    ///   - write: takes compressed bytes in order.
    /// - Throws: what `write` throws.
    func deflate(
        _ bytes: UnsafeRawBufferPointer,
        isLast: Bool,
        write: (UnsafeRawBufferPointer) throws(AudienceFileError) -> Void
    ) throws(AudienceFileError) {
        // The library reads its input and never writes to it, though its header says otherwise.
        stream.pointee.next_in = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
            .assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.end_of_stream = isLast ? 1 : 0
        repeat {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            let result = isal_deflate(stream)
            precondition(result == COMP_OK, "compression refused its own parameters")
            let count = output.count - Int(stream.pointee.avail_out)
            if count > 0 { try write(UnsafeRawBufferPointer(rebasing: output[..<count])) }
        } while stream.pointee.avail_out == 0
            || (isLast && stream.pointee.internal_state.state != ZSTATE_END)
    }
}
