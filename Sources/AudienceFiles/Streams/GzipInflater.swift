// SPDX-License-Identifier: Apache-2.0

import CIsal

/// The text inside a gzip file: one or more members, one after the other (RFC 1952).
///
/// Headers, checksums and sizes are verified. Bytes behind the last member that are no member are damage.
final class GzipInflater {
    private let raw: RawStream
    private let state: UnsafeMutablePointer<inflate_state>
    private var isInsideMember = false
    private var isAtEnd = false

    init(raw: RawStream) {
        self.raw = raw
        state = .allocate(capacity: 1)
        isal_inflate_init(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
        state.pointee.avail_in = 0
    }

    deinit {
        state.deallocate()
    }

    /// Fills the front of the buffer with the next bytes of text; 0 at the end.
    func read(into destination: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        guard let start = destination.baseAddress, !isAtEnd else { return 0 }
        let room = min(destination.count, Int(UInt32.max))
        state.pointee.next_out = start.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_out = UInt32(room)
        while Int(state.pointee.avail_out) == room {
            let hasInput = try refill()
            if !isInsideMember {
                guard hasInput else {
                    isAtEnd = true
                    return 0
                }
                isal_inflate_reset(state)
                isInsideMember = true
            }
            try inflate(hasInput: hasInput, room: room)
        }
        return room - Int(state.pointee.avail_out)
    }

    private func inflate(hasInput: Bool, room: Int) throws(AudienceFileError) {
        guard isal_inflate(state) >= 0 else {
            throw .damagedGzip(byte: raw.position - Int(state.pointee.avail_in))
        }
        if state.pointee.block_state == ISAL_BLOCK_FINISH {
            isInsideMember = false
        } else if !hasInput, Int(state.pointee.avail_out) == room {
            throw .truncatedGzip(byte: raw.position)
        }
    }

    /// Whether there is input for the next step, fetched if need be.
    private func refill() throws(AudienceFileError) -> Bool {
        guard state.pointee.avail_in == 0 else { return true }
        let chunk = try raw.nextChunk()
        state.pointee.next_in = chunk.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_in = UInt32(chunk.count)
        return !chunk.isEmpty
    }
}
